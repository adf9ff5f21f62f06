// The timer: its clocks tick, the title says it, T finds its button, a look at the page asks what runs. Uses shell.js.
"use strict";

let ahead = 0; // milliseconds by which this device's clock is before the server's
let typed = ""; // what is in the bar, when that is swapped

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

on("htmx:load", ({ target }) => {
  const field = byId("timer-subject");
  if (find("#timer", target.parentNode)) {
    ahead = Date.now() - byId("timer").dataset.now;
    if (field) field.value ||= typed;
  }
  for (const element of findAll("[aria-keyshortcuts=T]")) element.removeAttribute("aria-keyshortcuts");
  const button = byId("timer-stop") ?? find("main [data-timer-start]") ?? byId("timer-start");
  button?.setAttribute("aria-keyshortcuts", "T");
  tick();
});
on("htmx:beforeRequest", ({ detail: { elt, requestConfig } }) => {
  typed = requestConfig.verb === "post" && elt.closest("#timer") ? "" : byId("timer-subject")?.value ?? typed;
});

const look = () => document.hidden || byId("timer-look")?.dispatchEvent(new Event("timer-look"));
on("visibilitychange", look);
for (const name of ["focus", "pageshow"]) addEventListener(name, look);
setInterval(look, 30_000);
setInterval(tick, 1000);
