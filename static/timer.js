// The timer: its clocks tick, the title says it, T finds its button, a look at the page asks what runs. Uses shell.js.
"use strict";

let ahead = 0; // milliseconds by which this device's clock is before the server's
let typed = ""; // what is in the bar, when that is swapped
let inBar = null; // what of it has the focus then
let lookedAt = Date.now();

function tick() {
  let running = "";
  for (const time of findAll("time[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - ahead - time.dataset.since) / 1000));
    const two = (number) => String(number % 60).padStart(2, "0");
    const short = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60))}`;
    time.textContent = `${short}:${two(seconds)}`;
    if (time.matches(".clock")) running = `▶ ${short} · `;
  }
  const title = running + document.title.replace(/^▶ [\d:]+ · /, "");
  if (title !== document.title) document.title = title;
}

function shown({ target }) {
  const field = byId("timer-subject");
  if (find("#timer", target.parentNode)) {
    ahead = Date.now() - byId("timer").dataset.now;
    if (field) field.value ||= typed;
  }
  for (const element of findAll("[aria-keyshortcuts=T]")) element.removeAttribute("aria-keyshortcuts");
  const button = byId("timer-stop") ?? find("main [data-timer-start]") ?? byId("timer-start");
  button?.setAttribute("aria-keyshortcuts", "T");
  if (inBar && !inBar.isConnected && document.activeElement === document.body) (byId("timer-stop") ?? field)?.focus();
  tick();
}
shown({ target: document.body });
on("htmx:load", shown);
on("htmx:beforeRequest", ({ detail: { elt, requestConfig } }) => {
  const field = byId("timer-subject");
  inBar = document.activeElement.closest("#timer :is(a, button, input)");
  typed = requestConfig.verb === "post" && elt.contains(field) ? "" : field?.value ?? typed;
});

function look() {
  if (document.hidden || Date.now() - lookedAt < 1000) return;
  lookedAt = Date.now();
  byId("timer-look")?.dispatchEvent(new Event("timer-look"));
}
on("visibilitychange", look);
for (const name of ["focus", "pageshow"]) addEventListener(name, look);
setInterval(look, 30_000);
setInterval(tick, 1000);
