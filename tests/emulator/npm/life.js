// The whole life of a token with Intuit's own client; only host names are changed.
'use strict';

const OAuthClient = require('intuit-oauth');

const [base, clientId, clientSecret, redirectUri] = process.argv.slice(2);

async function consent(uri) {
  const page = await (await fetch(uri)).text();
  const field = (name) => page.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
  const answer = await fetch(`${base}/app/connect/oauth2/authorize`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({
      ticket: field('ticket'),
      user_id: field('user_id'),
      realm_id: field('realm_id'),
      decision: 'allow',
    }),
  });
  return answer.headers.get('location');
}

async function refused(act) {
  try {
    await act();
  } catch (problem) {
    return problem.error || problem.code;
  }
  throw new Error('was not refused');
}

async function main() {
  const client = new OAuthClient({
    environment: 'sandbox',
    clientId,
    clientSecret,
    redirectUri,
    includeRefreshTokenHardExpiresIn: true,
  });
  client.setAuthorizeURLs({
    authorizeEndpoint: `${base}/connect/oauth2`,
    tokenEndpoint: `${base}/oauth2/v1/tokens/bearer`,
    revokeEndpoint: `${base}/v2/oauth2/tokens/revoke`,
    userInfoEndpoint: `${base}/v1/openid_connect/userinfo`,
  });
  OAuthClient.jwks_uri = `${base}/op/v1/jwks`;
  OAuthClient.environment.sandbox = `${base}/`;

  const scope = [OAuthClient.scopes.Accounting, OAuthClient.scopes.OpenId, OAuthClient.scopes.Email];
  const callback = await consent(client.authorizeUri({ scope, state: 'a state' }));
  const created = (await client.createToken(callback)).getToken();
  const realmId = created.realmId;
  const idTokenIsValid = await client.validateIdToken();
  const userInfo = (await client.getUserInfo()).getJson();
  const company = await client.makeApiCall({ url: `v3/company/${realmId}/companyinfo/${realmId}` });
  const missing = await refused(() =>
    client.makeApiCall({ url: `v3/company/${realmId}/vendor/999999` }));
  const refreshed = (await client.refresh()).getJson();
  const explicitly = (await client.refreshUsingToken(refreshed.refresh_token)).getJson();
  await client.revoke({ refresh_token: explicitly.refresh_token });
  const afterwards = await refused(() => client.refreshUsingToken(explicitly.refresh_token));

  process.stdout.write(JSON.stringify({
    realmId,
    state: new URL(callback).searchParams.get('state'),
    idTokenIsValid,
    email: userInfo.email,
    company: company.json.CompanyInfo.CompanyName,
    missing,
    hardEnd: refreshed.x_refresh_token_hard_expires_in,
    afterwards,
  }));
}

main().catch((problem) => {
  process.stderr.write(`${problem.stack}\n${problem.originalMessage || ''}\n`);
  process.exit(1);
});
