// The timer: clocks, title, the key T; a look at the page asks what runs. Uses shell.js.
"use strict";

let ahead = 0; // by which this clock is before the server's, in ms
let typed = ""; // in the bar, when that is swapped
let inBar; // has the focus then
let lookedAt = Date.now();

function tick() {
  let running = "";
  for (const time of findAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - ahead - time.dataset.since) / 1000));
    const two = (number) => String(Math.floor(number) % 60).padStart(2, "0");
    const short = `${Math.floor(seconds / 3600)}:${two(seconds / 60)}`;
    time.textContent = `${short}:${two(seconds)}`;
    if (time.matches(".clock")) running = `▶ ${short} · `;
  }
  const title = running + document.title.replace(/^▶ [\d:]+ · /, "");
  if (title !== document.title) document.title = title;
}

function shown({ target }) {
  const field = byId("timer-subject");
  const stop = byId("timer-stop");
  if (find("#timer", target.parentNode)) {
    ahead = Date.now() - byId("timer").dataset.now;
    if (field) field.value ||= typed;
  }
  for (const element of findAll("[aria-keyshortcuts=T]")) element.removeAttribute("aria-keyshortcuts");
  (stop ?? find("[data-timer-start]") ?? byId("timer-start"))?.setAttribute("aria-keyshortcuts", "T");
  if (inBar?.isConnected === false && document.activeElement === document.body) (stop ?? field)?.focus();
  tick();
}
shown({ target: document.body });
on("htmx:load", shown);
on("htmx:beforeRequest", ({ detail: { elt, requestConfig } }) => {
  const field = byId("timer-subject");
  inBar = document.activeElement.closest("#timer *");
  typed = requestConfig.verb === "post" && elt.contains(field) ? "" : field?.value ?? typed;
});

function look() {
  if (document.hidden || Date.now() - lookedAt < 300) return;
  lookedAt = Date.now();
  byId("timer-look")?.dispatchEvent(new Event("timer-look"));
}
on("visibilitychange", look);
addEventListener("focus", look);
addEventListener("pageshow", ({ persisted }) => persisted && look());
setInterval(look, 30_000);
setInterval(tick, 1000);
