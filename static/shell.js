// Dialogs, toasts, announcements, focus after swaps, single keys. Pages work without it; its words are in the page.
"use strict";

const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);
const on = (name, act) => document.addEventListener(name, act);
const host = byId("dialog-host");
const toasts = byId("toasts");
const openDialog = () => find("dialog[open]");
const { entryForm } = document.currentScript.dataset;

// All but an open dialog is inert, so it has a live region of its own.

function say(text) {
  let region = byId("say");
  const dialog = openDialog();
  if (dialog) {
    region = find("[role=status].vh", dialog) ?? dialog.appendChild(region.cloneNode());
    region.removeAttribute("id");
  }
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 80);
}
on("say", ({ detail }) => say(detail.text));

// Where the focus was, with ids near it in case that part is swapped.

function trail(from) {
  const element = from.closest(".hits") ? byId("search-q") : from; // what was found goes away with the focus
  const entry = element.closest(".entry");
  const day = element.closest(".day");
  const near = [element, entry, entry?.nextElementSibling, entry?.previousElementSibling, day && find("[id^=add-]", day)];
  return { element, ids: near.map((part) => part?.id).filter(Boolean) };
}
const back = (spot) => spot && (spot.element.checkVisibility() ? spot.element : spot.ids.map(byId).find((part) => part?.checkVisibility()));

let before = null;
let wanted = null;
on("focus", ({ detail }) => (wanted = detail?.id ?? wanted));
on("htmx:beforeSwap", () => {
  if (document.activeElement !== document.body) before = trail(document.activeElement);
});
on("htmx:afterRequest", ({ detail }) => setTimeout(() => {
  const swapped = byId(detail.target?.id);
  if (wanted) byId(wanted)?.focus();
  else if (document.activeElement === document.body && !openDialog()) {
    (back(before) ?? (swapped && find("h1[tabindex]", swapped)))?.focus();
  }
  before = wanted = null;
}, 40));

// The log-time form has a script of its own, asked for with the first form. Without it the form is a plain one.

let formScript = null;
function withFormScript(act = () => {}) {
  if (formScript?.ready) return act();
  if (!formScript) {
    formScript = Object.assign(document.createElement("script"), { src: entryForm });
    formScript.addEventListener("load", () => (formScript.ready = true));
    formScript.addEventListener("error", () => (formScript = null)); // the next form asks again
    document.head.append(formScript);
  }
  for (const end of ["load", "error"]) formScript.addEventListener(end, act);
}
const hasEntryForm = () => find("form[data-entry-form]");
if (hasEntryForm()) withFormScript();

// Dialogs: a fragment swapped into the host opens it; "dialog-close" closes it.

let invoker;
let early = null; // what is typed between asking for a dialog and seeing it
on("htmx:beforeRequest", (event) => {
  const { detail } = event;
  if (detail.target !== host) return;
  if (find("#main #entry-form")) { // its ids are taken
    event.preventDefault();
    location.assign(detail.elt.href);
    return;
  }
  if (detail.pathInfo.requestPath.includes("/entries/")) withFormScript(); // on its way beside the form
  if (host.open) return;
  invoker = trail(document.activeElement);
  host.returnValue = "";
  early = "";
});
on("htmx:afterRequest", ({ detail }) => {
  if (detail.target === host && !host.childElementCount) early = null;
});
on("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== host || !host.childElementCount || host.returnValue === "done") return;
  if (!host.open && hasEntryForm()) return withFormScript(showDialog);
  showDialog();
  if (hasEntryForm()) withFormScript();
});
function showDialog() {
  if (!host.open) host.showModal();
  const first = find("#errors, [autofocus]", host);
  first?.focus();
  // Or htmx would focus it again, under the hands of who types; what looks like its hidden forerunner yet, it may.
  if (first === document.activeElement) first.removeAttribute("autofocus");
  if (early && first?.matches("input[type=text], textarea")) {
    first.setRangeText(early, first.selectionStart, first.selectionEnd, "end");
    first.dispatchEvent(new Event("input", { bubbles: true }));
  }
  early = null;
}
on("dialog-close", () => host.close("done"));
host?.addEventListener("close", () => setTimeout(() => {
  if (host.open) return;
  host.replaceChildren();
  back(invoker)?.focus();
  before = null;
}));

on("input", ({ target }) => target.form?.setAttribute("data-changed", ""));
const changed = (form) => "changed" in form.dataset || find("#errors", form);

on("click", (event) => {
  const { target } = event;
  const dialog = target.closest("dialog");
  if (dialog && target.closest("[data-close]")) {
    event.preventDefault();
    dialog.close();
  }
  if (target === dialog && !findAll("form", dialog).some(changed)) dialog.close();
  target.closest("[data-dismiss]")?.closest("[data-toast]").remove();
  const opener = target.closest("[data-open]");
  if (opener) {
    for (const row of findAll(`#${opener.dataset.open} [data-when]`)) row.hidden = !find(row.dataset.when);
    byId(opener.dataset.open).showModal();
  }
  for (const menu of findAll("details.menu[open]")) {
    if (!menu.contains(target) || target.closest(".panel [hx-get], .panel [hx-post]")) menu.open = false;
  }
});

// Toasts: three at most; those without a button leave after 8 seconds.

if (toasts) {
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const toast of addedNodes) if (toast.nodeType === 1) expire(toast);
    for (const old of [...toasts.children].slice(3)) old.remove();
  }).observe(toasts, { childList: true });
}

function expire(toast) {
  if (find("form, a:not([hidden]), button:not([hidden], [data-dismiss])", toast)) return;
  let timer;
  const start = () => (timer = setTimeout(() => toast.remove(), 8000));
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, start);
  start();
}

const texts = byId("toast-template")?.dataset;

function toast(text, { act, link } = {}) {
  const made = byId("toast-template").content.firstElementChild.cloneNode(true);
  find("span", made).textContent = text;
  if (act) {
    const button = find("button", made);
    Object.assign(button, { textContent: texts.retry, hidden: false });
    button.addEventListener("click", () => {
      made.remove();
      act();
    });
  }
  if (link) Object.assign(find("a", made), { textContent: texts.signInLabel, href: link, hidden: false });
  const foot = find("dialog[open] .dlg-f");
  if (foot?.previousElementSibling.matches("[data-toast]")) foot.previousElementSibling.remove();
  if (foot) foot.before(made);
  else toasts.prepend(made);
  say(text);
}

// Busy marks, and what went wrong.

on("htmx:beforeSend", ({ detail }) => detail.target?.setAttribute("aria-busy", "true"));
on("htmx:afterRequest", ({ detail }) => {
  detail.target?.removeAttribute("aria-busy");
  if (detail.successful) detail.elt.closest("[data-toast]")?.remove();
});

const again = (element) => () => (element.matches("form") ? element.requestSubmit() : element.click());
const isQuiet = (element) => "quiet" in element.dataset; // it was asked for by no hand
on("htmx:sendError", ({ detail: { elt } }) => isQuiet(elt) || toast(navigator.onLine ? texts.failed : texts.offline, { act: again(elt) }));
let reason = ""; // from an answer's "toast" event
on("toast", ({ detail }) => {
  reason = detail.text;
  setTimeout(() => reason && toast(reason));
});
on("htmx:responseError", ({ detail: { xhr, elt } }) => {
  if (isQuiet(elt)) return;
  if (xhr.status === 401) signIn(elt);
  else toast(reason || texts.failed, { act: xhr.status >= 500 && again(elt) });
  reason = "";
});

// Signed out meanwhile: sign in elsewhere, then try again with that session's token.

function signIn(element) {
  const retry = async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const headers = page.body.getAttribute("hx-headers");
    if (headers) {
      document.body.setAttribute("hx-headers", headers);
      for (const field of findAll("[name=csrfmiddlewaretoken]")) field.value = JSON.parse(headers)["X-CSRFToken"];
    }
    again(element)();
  };
  toast(texts.signIn, { act: retry, link: texts.signInUrl });
}

// Filters send themselves, without empty ones.

on("change", ({ target }) => {
  if (target.closest("form[data-autosubmit]") && !target.closest("[data-manual]")) target.form.requestSubmit();
});
on("htmx:configRequest", ({ detail: { elt, formData } }) => {
  if (!elt.matches("form[data-autosubmit]")) return;
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});

// The search: arrows lead from its field through what it found, and back; Escape leads out. On a hit N and T act on it.

let cameFrom;
let isFresh = true; // what is shown is of what is typed
let quick = { at: 0 }; // an arrow down and a key that were quicker than the hits
const onHit = { n: "[data-log]", t: "[data-start]" };
const actOn = (hit, key) => document.body.dataset.shortcuts === "on" && find(onHit[key], hit)?.click();
on("focusin", ({ target, relatedTarget }) => {
  if (target.id === "search-q" && !relatedTarget?.closest("[data-search]")) cameFrom = relatedTarget;
});
on("input", ({ target }) => (isFresh &&= target.id !== "search-q"));
on("htmx:afterSettle", ({ detail: { target } }) => {
  if (target?.id !== "search-hits") return; // Back settles without a target
  isFresh = true;
  say(find("template", target)?.dataset.say ?? "");
  if (Date.now() - quick.at > 2000) return;
  const hit = find("[data-hit]", target);
  find("b a", target)?.focus();
  if (hit && onHit[quick.key]) actOn(hit, quick.key);
  quick = { at: 0 };
});
on("keydown", (event) => {
  const { target, key } = event;
  const area = target.closest("[data-search]");
  if (!area || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = find("[name=q]", area);
  const hit = target.closest("[data-hit]");
  const links = findAll("[data-hit] b a", area);
  const at = hit ? links.indexOf(find("b a", hit)) : -1;
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (target === field && Date.now() - quick.at < 2000 && key.length === 1) quick.key = key.toLowerCase();
  else if (step > 0 && target === field && !isFresh && field.value.trim()) quick = { at: Date.now() };
  else if (step && (hit || target === field)) (links[at + step] ?? (step < 0 ? field : links.at(-1)))?.focus();
  else if (hit && onHit[key.toLowerCase()]) actOn(hit, key.toLowerCase());
  else if (key === "Escape" && field.id === "search-q") {
    quick = { at: 0 };
    field.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    if (cameFrom?.checkVisibility()) cameFrom.focus();
    else document.activeElement.blur();
  } else if (!hit || !key.startsWith("Arrow")) return;
  event.preventDefault();
});

// Single keys, off in fields and dialogs, and for those who chose so.

const move = (list, step, current) => {
  const at = list.indexOf(current);
  const next = at < 0 ? list.at(step > 0 ? 0 : -1) : list[at + step];
  next?.focus();
  return next;
};
const moveDay = (step) => (at) => move(findAll(".day h2"), step, find("h2", at.closest(".day") ?? document.head));
const moveEntry = (step) => (at) => {
  const day = at.closest(".day");
  return day && move(findAll(".entry", day), step, at.closest(".entry"));
};
const inEntry = (selector) => (at) => at.closest(".entry") && press(selector, at.closest(".entry"));
const SIDEWAYS = ".tblwrap, [role=tablist]"; // they scroll or walk by these arrows themselves
let chord = 0;

if (document.body.dataset.shortcuts !== "on") on("htmx:load", ({ target }) => setTimeout(() => {
  // Keys that are switched off are not promised either.
  for (const hint of findAll("kbd[aria-hidden]", target)) hint.hidden = true;
  for (const element of findAll("[aria-keyshortcuts]", target)) element.removeAttribute("aria-keyshortcuts");
}));

const keys = {
  e: inEntry("[data-edit]"),
  Enter: (at) => at.matches(".entry") && press("[data-edit]", at),
  d: inEntry("[data-copy]"),
  Delete: inEntry("[data-delete]"),
  z: () => press("[data-undo]"),
  ArrowLeft: (at) => !at.closest(SIDEWAYS) && press(".pills a[rel=prev]"),
  ArrowRight: (at) => !at.closest(SIDEWAYS) && press(".pills a[rel=next]"),
  j: moveDay(1),
  k: moveDay(-1),
  ArrowDown: moveEntry(1),
  ArrowUp: moveEntry(-1),
  Escape: (at) => at.matches(".entry, .day h2") && at.blur(),
  g: () => (chord = Date.now()),
};

function press(selector, within = document) {
  const all = findAll(selector, within);
  const target = all.find((element) => element.checkVisibility()) ?? all[0];
  if (target?.matches("input")) target.focus();
  else target?.click();
  return target;
}

on("keydown", (event) => {
  const { target, key } = event;
  if (key === "Escape") for (const menu of findAll("details.menu[open]")) {
    menu.open = false;
    find("summary", menu).focus();
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (early !== null && !openDialog() && !target.matches("input, select, textarea")) {
    if (key.length > 1) return;
    early += key;
    return event.preventDefault();
  }
  if (document.body.dataset.shortcuts !== "on" || openDialog()) return;
  if (target.matches("input:not([type=checkbox]), select, textarea")) return;
  const name = key.length === 1 ? key.toLowerCase() : key;
  const followsG = Date.now() - chord < 1500;
  chord = 0;
  const done = followsG ? press(`[data-go="${CSS.escape(name)}"]`)
    : Object.hasOwn(keys, name) ? keys[name](target)
    : key.length === 1 && press(`[aria-keyshortcuts="${CSS.escape(key.toUpperCase())}"]`);
  if (done) event.preventDefault();
});
