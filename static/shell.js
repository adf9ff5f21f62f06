// What every page does by script: dialogs, toasts, announcements, focus after swaps, single keys.
// Pages work without it. What it says comes from data attributes, in the person's language.
"use strict";

const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);
const host = byId("dialog-host");
const toasts = byId("toasts");
const toastTemplate = byId("toast-template");
const openDialog = () => find("dialog[open]");
const detailText = ({ detail }) => detail?.text ?? detail?.value ?? "";

// Announcements. Everything outside an open dialog is inert, so the dialog gets a live region of its own.

function say(text) {
  let region = byId("say");
  const dialog = openDialog();
  if (dialog) {
    region = find(".dialog-say", dialog) ?? dialog.appendChild(document.createElement("p"));
    region.className = "vh dialog-say";
    region.setAttribute("role", "status");
  }
  if (!region) return;
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 80);
}

// Focus: where it was, as ids, so that it can return to a part that was swapped meanwhile.

function trail(element) {
  const entry = element.closest?.(".entry");
  const day = element.closest?.(".day");
  const near = [entry, entry?.nextElementSibling, entry?.previousElementSibling, day && find(".add", day), day && find("h2", day)];
  return { element, ids: [element.id, ...near.map((part) => part?.id)].filter(Boolean) };
}

function focusBack(spot) {
  if (!spot) return;
  const target = spot.element.isConnected ? spot.element : spot.ids.map(byId).find(Boolean);
  target?.focus();
}

let before = null;
let wanted = null;
document.addEventListener("htmx:beforeSwap", () => {
  if (document.activeElement !== document.body) before = trail(document.activeElement);
});
for (const name of ["htmx:afterSettle", "htmx:afterRequest"]) {
  document.addEventListener(name, () => setTimeout(() => {
    const target = wanted && byId(wanted);
    if (target) target.focus();
    else if (before && document.activeElement === document.body && !openDialog()) focusBack(before);
    wanted = null;
  }, 30));
}
document.addEventListener("focus", (event) => {
  if (event.detail?.id) wanted = event.detail.id;
});

// Dialogs: a fragment swapped into the host opens it; "dialog-close" closes it.

let invoker = null;
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target !== host || host.open) return;
  invoker = trail(document.activeElement);
  host.returnValue = "";
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== host || !host.childElementCount || host.returnValue === "done") return;
  if (!host.open) host.showModal();
  find("#errors, [autofocus]", host)?.focus();
});
document.addEventListener("dialog-close", () => host?.close("done"));
host?.addEventListener("close", () => setTimeout(() => {
  if (host.open) return;
  host.replaceChildren();
  focusBack(invoker);
  before = invoker = null;
}));

const changed = (form) => [...form.elements].some((field) =>
  field.type === "hidden" || field.closest("[data-helper]") ? false
  : field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
  : field.options ? [...field.options].some((option) => option.selected !== option.defaultSelected)
  : field.value !== field.defaultValue);

document.addEventListener("click", (event) => {
  const { target } = event;
  const opener = target.closest("[data-open]");
  if (opener) showDialog(opener.dataset.open);
  if (target.closest("[data-close]")) {
    const dialog = target.closest("dialog");
    if (dialog) {
      event.preventDefault();
      dialog.close();
    }
  }
  if (target.nodeName === "DIALOG" && !findAll("form", target).some(changed)) target.close();
  target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove();
  const reveal = target.closest("[data-reveal]");
  if (reveal) {
    const field = byId(reveal.dataset.reveal);
    field.type = field.type === "password" ? "text" : "password";
    reveal.setAttribute("aria-pressed", field.type === "text");
  }
  const copy = target.closest("[data-copy-text]")?.dataset.copyText;
  if (copy) navigator.clipboard?.writeText(byId(copy).innerText).then(() => say(byId(copy).dataset.copied));
  if (target.closest("[data-print]")) print();
  for (const menu of findAll("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
});

function showDialog(id) {
  for (const row of findAll(`#${id} [data-when]`)) row.hidden = !find(row.dataset.when);
  byId(id).showModal();
}

// Toasts: three at most; those without a button leave after 8 seconds, unless pointed at or focused.

function watch(toast) {
  if (find("form, a:not([hidden]), button:not([hidden], [data-dismiss])", toast)) return;
  let timer;
  const start = () => (timer = setTimeout(() => toast.remove(), 8000));
  const stop = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, start);
  start();
}
if (toasts) {
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches?.("[data-toast]")) watch(node);
    for (const old of [...toasts.children].slice(3)) old.remove();
  }).observe(toasts, { childList: true });
}

function toast(text, { label, act, link } = {}) {
  if (!toastTemplate) return;
  const made = toastTemplate.content.firstElementChild.cloneNode(true);
  find("span", made).textContent = text;
  if (act) {
    const button = find("button", made);
    Object.assign(button, { textContent: label, hidden: false });
    button.addEventListener("click", () => { made.remove(); act(); });
  }
  if (link) Object.assign(find("a", made), { textContent: link.label, href: link.url, hidden: false });
  const form = openDialog() && find(".dlg-f", openDialog());
  if (form) {
    for (const old of findAll("[data-toast]", form.parentElement)) old.remove();
    form.before(made);
  } else toasts.prepend(made);
  say(text);
  return made;
}

// Requests: busy marks, and what went wrong, with a way to try again.

let busy = 0;
document.addEventListener("htmx:beforeSend", (event) => {
  busy += 1;
  document.documentElement.toggleAttribute("data-busy", true);
  event.detail.target?.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", (event) => {
  busy = Math.max(0, busy - 1);
  if (!busy) document.documentElement.removeAttribute("data-busy");
  event.detail.target?.removeAttribute("aria-busy");
  if (event.detail.successful) event.detail.elt.closest("[data-toast]")?.remove();
});

const again = (element) => () => (element.matches("form") ? element.requestSubmit() : element.click());
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) =>
    toast(navigator.onLine ? toastTemplate.dataset.failed : toastTemplate.dataset.offline,
      { label: toastTemplate.dataset.retry, act: again(detail.elt) }));
}
document.addEventListener("htmx:responseError", ({ detail: { xhr, elt } }) => {
  const texts = toastTemplate.dataset;
  const reason = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain") ? xhr.responseText.slice(0, 300) : "";
  if (xhr.status === 401) signIn(elt);
  else if (xhr.status === 403) toast(reason || texts.forbidden);
  else if (xhr.status === 404) toast(reason || texts.missing);
  else if (xhr.status === 429) toast(reason || texts.busy);
  else toast(reason || texts.failed, { label: texts.retry, act: again(elt) });
});

// Signed out meanwhile: the form stays; sign in elsewhere, then try again with that session's token.

function signIn(element) {
  const texts = toastTemplate.dataset;
  if (find("[data-sign-in-again]")) return;
  const retry = async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const headers = page.body.getAttribute("hx-headers");
    if (headers) {
      document.body.setAttribute("hx-headers", headers);
      const token = JSON.parse(headers)["X-CSRFToken"];
      for (const field of findAll("[name=csrfmiddlewaretoken]")) field.value = token;
    }
    again(element)();
  };
  toast(texts.signIn, { label: texts.retry, act: retry, link: { label: texts.signInLabel, url: texts.signInUrl } })
    ?.setAttribute("data-sign-in-again", "");
}
document.addEventListener("sign-in-needed", (event) => signIn(event.target.matches("body") ? host : event.target));
document.addEventListener("say", (event) => say(detailText(event)));

// Filters send themselves.

document.addEventListener("change", (event) => {
  if (event.target.closest("form[data-autosubmit]") && !event.target.closest("[data-manual]")) event.target.form.requestSubmit();
});

// Single keys, off inside fields and dialogs, and altogether for those who chose so.

const shown = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const inField = (element) =>
  element.isContentEditable || element.matches("input:not([type=checkbox], [type=button]), select, textarea");
const focusIn = (list, step, current) => {
  const at = list.indexOf(current);
  const next = at < 0 ? list[step > 0 ? 0 : list.length - 1] : list[at + step];
  next?.focus();
  return Boolean(next);
};
let chord = 0;

const keys = {
  e: (at) => press(at.closest(".entry"), "[data-edit]"),
  Enter: (at) => at.matches(".entry") && press(at, "[data-edit]"),
  d: (at) => press(at.closest(".entry"), "[data-copy]"),
  Delete: (at) => press(at.closest(".entry"), "[data-delete]"),
  z: () => press(document, "[data-undo]"),
  ArrowLeft: (at) => !at.closest(".tblwrap, [role=tablist]") && press(document, ".pills a[rel=prev]"),
  ArrowRight: (at) => !at.closest(".tblwrap, [role=tablist]") && press(document, ".pills a[rel=next]"),
  j: (at) => focusIn(findAll(".day h2"), 1, at.closest(".day") && find("h2", at.closest(".day"))),
  k: (at) => focusIn(findAll(".day h2"), -1, at.closest(".day") && find("h2", at.closest(".day"))),
  ArrowDown: (at) => at.closest(".day") && focusIn(findAll(".entry", at.closest(".day")), 1, at.closest(".entry")),
  ArrowUp: (at) => at.closest(".day") && focusIn(findAll(".entry", at.closest(".day")), -1, at.closest(".entry")),
  g: () => (chord = Date.now()),
};

function press(within, selector) {
  const all = within ? findAll(selector, within) : [];
  const target = all.find(shown) ?? all[0];
  if (!target) return false;
  if (target.matches("input")) target.focus();
  else target.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (key === "Escape") for (const menu of findAll("details.menu[open]")) {
    menu.open = false;
    find("summary", menu).focus();
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.body.dataset.shortcuts !== "on" || inField(target) || openDialog()) return;
  const letter = key.length === 1 ? key.toLowerCase() : key;
  let done;
  if (Date.now() - chord < 1500 && letter !== "g") done = press(document.documentElement, `[data-go="${CSS.escape(letter)}"]`);
  else if (Object.hasOwn(keys, letter)) done = keys[letter](target);
  else if (key.length === 1) done = press(document, `[aria-keyshortcuts="${CSS.escape(key.toUpperCase())}"]`);
  if (letter !== "g") chord = 0;
  if (done) event.preventDefault();
});
