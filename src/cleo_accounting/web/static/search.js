// Search as you type: the same address as the form's, and only its results are put in place.
const PAUSE_MILLISECONDS = 120;

export function searchAsYouType(form) {
  if (!form) return;
  const input = form.querySelector("input[type=search]");
  const results = document.getElementById(form.dataset.search);
  let timer = 0;
  let newest = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const number = ++newest;
      const url = new URL(form.action);
      url.search = new URLSearchParams(new FormData(form)).toString();
      const answer = await fetch(url, { headers: { "X-Part": "results" } });
      if (!answer.ok || number !== newest) return;
      const part = new DOMParser().parseFromString(await answer.text(), "text/html");
      results.replaceChildren(...part.body.childNodes);
      history.replaceState(null, "", url);
    }, PAUSE_MILLISECONDS);
  });
}
