// Live progress: figures change in place; when the state changes, the page is asked for anew.
const QUARTERS = 4;
const LATER_MILLISECONDS = 30_000;

export function follow(place) {
  if (!place || !("EventSource" in window)) return;
  const source = new EventSource(place.dataset.live);
  let announced = 0;
  // Refused (the visit is over, or too many pages are open): what stands here must not grow old.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), LATER_MILLISECONDS);
  });
  source.addEventListener("state", (event) => {
    const told = JSON.parse(event.data);
    if (told.key !== place.dataset.state) {
      source.close();
      location.reload();
      return;
    }
    if ("quiet" in place.dataset) return;
    place.querySelector("h1").textContent = told.title;
    place.querySelector("[data-sentence]").textContent = told.sentence;
    document.title = `${told.title} · Cleo Pay Accounting`;
    show(place, told);
    const quarter = told.total ? Math.floor((QUARTERS * told.done) / told.total) : 0;
    if (quarter > announced) {
      // A screen reader hears four times how far it is, not forty-two times.
      announced = quarter;
      place.querySelector("[data-announce]").textContent = told.title;
    }
  });
  // Whoever is on the way elsewhere is not called back by a reload.
  const leave = () => source.close();
  document.addEventListener("submit", leave);
  document.addEventListener("click", (event) => {
    if (event.target.closest("a[href]:not([target], [download], [href^='#'], [href^='mailto:'])")) leave();
  });
  window.addEventListener("pagehide", leave);
  // The browser's own way back shows the page as it was; what it tells is over.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

function show(place, told) {
  const bar = place.querySelector("progress");
  if (bar && told.total) {
    bar.max = told.total;
    bar.value = told.done;
  }
  for (const [name, tally] of Object.entries(told.tallies)) {
    const row = document.querySelector(`[data-tally="${name}"]`);
    if (!row) continue;
    const figures = {
      ...tally,
      sent: tally.created + tally.updated,
      pending: tally.pending + tally.in_doubt,
    };
    for (const cell of row.querySelectorAll("[data-of]")) {
      const number = figures[cell.dataset.of];
      cell.textContent = number.toLocaleString("en-US");
      cell.classList.toggle("nil", !number);
      cell.classList.toggle("attention", cell.dataset.of === "failed" && number > 0);
    }
  }
}
