// The example follows the choices: the form is sent as it is, and only the example comes back.
const PAUSE_MILLISECONDS = 250;

export function exampleAsYouChoose(form) {
  if (!form) return;
  const place = document.getElementById(form.dataset.example);
  let timer = 0;
  let newest = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const number = ++newest;
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { "X-Part": "results" },
        body: new URLSearchParams(new FormData(form)),
      });
      if (!answer.ok || number !== newest) return;
      const part = new DOMParser().parseFromString(await answer.text(), "text/html");
      place.replaceChildren(...part.body.childNodes);
    }, PAUSE_MILLISECONDS);
  });
}
