// Approvals: what is selected, what is about to be decided, J K X. A and R are the buttons' own keys (shell.js).
"use strict";

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const put = (selector, text, within) => {
  const part = find(selector, within);
  if (part) part.textContent = text;
};
const grouped = (count) => count.toLocaleString(document.documentElement.lang || undefined);

function hours(minutes, [h, m]) {
  const rest = minutes % 60;
  const whole = Math.floor(minutes / 60);
  if (!whole && rest) return rest + m;
  return grouped(whole) + h + (rest ? ` ${String(rest).padStart(2, "0")}${m}` : "");
}

// The bar above the list: how many weeks are selected, here and on other pages.

function showSelection() {
  const bar = find("#inbox .bar[data-selected]");
  if (!bar) return;
  const { elsewhere, elsewhereMinutes, selected, approve, reject, letters } = bar.dataset;
  const boxes = findAll("#inbox li [name=week]");
  const ticked = boxes.filter((box) => box.checked);
  const count = grouped(ticked.length + Number(elsewhere));
  const minutes = ticked.reduce((sum, box) => sum + Number(box.dataset.minutes), Number(elsewhereMinutes));
  put("[data-count]", filled(selected, { count }), bar);
  put("[data-sum]", hours(minutes, letters.split(" ")), bar);
  put("[data-approve-label]", filled(approve, { count }), bar);
  find("[name=reject]", bar).value = filled(reject, { count });
  const all = byId("select-all");
  all.checked = ticked.length === boxes.length;
  all.indeterminate = ticked.length > 0 && !all.checked;
}

// The bar below the review: how many entries are about to be approved and rejected.

function showDecision() {
  const bar = find("#decision .decide");
  if (!bar) return;
  const chosen = (value) => findAll(`#decision [value=${value}]:checked`).length;
  const [approve, reject, later] = ["approve", "reject", "later"].map(chosen);
  const { whole, some, tally, both, ...one } = bar.dataset;
  put("[data-say-tally]", filled(tally, { approve, reject }), bar);
  const text = approve && reject ? both : reject ? one.reject : approve && (later || !whole) ? one.approve : approve || !later ? whole : some;
  put("[data-say-decision]", filled(text || some, { approve, reject }), bar);
}

function markOpenWeek() {
  const open = find("#review")?.dataset.week;
  for (const link of findAll("#inbox li a")) {
    if (link.id === `week-${open}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function show() {
  showSelection();
  showDecision();
  markOpenWeek();
}
show();
on("htmx:afterSwap", show);

on("change", ({ target }) => {
  if (target.id === "select-all") for (const box of findAll("#inbox li [name=week]")) box.checked = target.checked;
  show();
});
on("click", (event) => {
  const { target } = event;
  if (target.matches("[data-later], [data-later] *")) {
    for (const radio of findAll("[value=later]", target.closest("tbody"))) radio.checked = true;
    show();
  }
  // Who rejects by pointer types why next; by keyboard the arrows pass by on their way.
  if (event.detail && target.value === "reject") byId(target.name.replace("entry", "reason"))?.focus();
});
document.addEventListener("toggle", ({ target }) => {
  if (target.open) find("textarea", target)?.focus();
}, true);

// The open week, and its neighbours in the list.

function openWeek(step) {
  const links = findAll("#inbox li a[hx-get]");
  const at = links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = at < 0 && step < 0 ? undefined : links[at + step];
  (next ?? (step > 0 && find("#inbox .pager [rel=next]")))?.click?.();
}

on("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.body.dataset.shortcuts !== "on" || openDialog()) return;
  if (event.target.matches("input:not([type=checkbox]), select, textarea")) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") openWeek(key === "j" ? 1 : -1);
  if (key === "x") {
    const row = event.target.closest("#inbox li") ?? find("#inbox li:has(a[aria-current])");
    row && find("[name=week]", row)?.click();
  }
});
