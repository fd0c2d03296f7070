// What makes the page livelier. Everything works without it.
import { follow } from "/static/live.js";
import { exampleAsYouChoose } from "/static/example.js";
import { searchAsYouType } from "/static/search.js";

// A second click must not do a thing twice: the server would know, but the person would wonder.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const button = event.submitter;
    if (button?.hasAttribute("data-once")) {
      button.setAttribute("aria-busy", "true");
      button.classList.add("sending");
    }
  });
}
// Coming back by the browser's own button brings an old page back to life.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll(".sending")) {
    button.classList.remove("sending");
    button.removeAttribute("aria-busy");
  }
});

document.querySelector("[data-focus]")?.focus();

for (const box of document.querySelectorAll("[data-all]")) {
  box.hidden = false;
  box.querySelector("input").addEventListener("change", (event) => {
    const chosen = event.target.checked;
    for (const one of document.querySelectorAll(`input[name="${box.dataset.all}"]`)) one.checked = chosen;
  });
}

for (const place of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(place.textContent.trim());
    button.textContent = "Copied";
  });
  place.after(" ", button);
}

follow(document.querySelector("[data-live]"));
exampleAsYouChoose(document.querySelector("[data-example]"));
searchAsYouType(document.querySelector("[data-search]"));
