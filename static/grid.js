// The weekly grid: keys, pasted blocks, text that is typed while an answer comes. Uses shell.js.
"use strict";

{ // names of its own: the log-time form's script comes later

const asCell = (element) => (element.matches(".cell") ? element : null);
const stored = (cell) => cell.dataset.stored ?? cell.defaultValue;
const lineOf = (cell) => cell.closest("tr");
const cellAt = (line, place) => line && find(`td[data-d="${place}"] .cell`, line);
const placeOf = (cell) => Number(cell.closest("td").dataset.d);
const linesOf = (cell) => findAll("tr", cell.closest("tbody"));

function goTo(cell, down, on) {
  const lines = linesOf(cell);
  const next = cellAt(lines[lines.indexOf(lineOf(cell)) + down], placeOf(cell) + on);
  if (next?.checkVisibility()) next.focus();
  return next;
}

function setBack(cell) {
  cell.value = cell.defaultValue = stored(cell);
  if (!cell.matches("[aria-invalid]")) return;
  byId(cell.getAttribute("aria-describedby"))?.remove();
  for (const name of ["aria-invalid", "aria-describedby", "data-stored"]) cell.removeAttribute(name);
}

// The whole form of a cell: of its entry, of the list of several, or a new one that goes on with what was typed.

function openForm(cell) {
  const typed = cell.value === stored(cell) ? "" : cell.value;
  const link = find(".cellmore", cell.closest("td"));
  if (!link && cell.readOnly) return;
  setBack(cell);
  if (link) return link.click();
  const query = new URLSearchParams({ date: cell.name.split(".").pop(), duration: typed });
  htmx.ajax("GET", `${lineOf(cell).dataset.new}&${query}`, "#dialog-host");
}

on("keydown", (event) => {
  const cell = asCell(event.target);
  if (!cell || event.ctrlKey || event.metaKey) return;
  const { key, altKey, shiftKey } = event;
  if (altKey) {
    if (key !== "ArrowLeft" && key !== "ArrowRight") return;
    const forward = (key === "ArrowRight") === (getComputedStyle(cell).direction === "ltr");
    goTo(cell, 0, forward ? 1 : -1);
  } else if (key === "Enter" && shiftKey) openForm(cell);
  else if (key === "Enter") {
    const again = cell.matches("[aria-invalid]") && cell.value === cell.defaultValue;
    if (!goTo(cell, 1, 0) || again) cell.dispatchEvent(new Event("change", { bubbles: true }));
  } else if (key === "ArrowDown" || key === "ArrowUp") goTo(cell, key === "ArrowDown" ? 1 : -1, 0);
  else if (key === "Escape") {
    setBack(cell);
    cell.select();
  } else return;
  event.preventDefault();
});
on("focusin", ({ target }) => {
  asCell(target)?.select();
  const { picker } = target.dataset; // the script for adding a row comes when somebody wants to
  if (picker && !find(`script[src="${picker}"]`)) document.head.append(Object.assign(document.createElement("script"), { src: picker }));
});
on("click", ({ target }) => {
  const cell = target.closest("[data-goes-on]") && find(".cell", target.closest("td"));
  if (cell) setBack(cell);
});

// A block of a spreadsheet fills the cells to the right and below, in one request.

on("paste", (event) => {
  const cell = asCell(event.target);
  const text = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "");
  if (!cell || !/[\t\n]/.test(text)) return;
  event.preventDefault();
  const [lines, place] = [linesOf(cell), placeOf(cell)];
  const top = lines.indexOf(lineOf(cell));
  const values = { pasted: 1, beyond: [] };
  for (const [y, line] of text.split(/\r?\n/).entries()) for (const [x, part] of line.split("\t").entries()) {
    const target = cellAt(lines[top + y], place + x);
    if (!part.trim()) continue;
    if (!target) {
      values.beyond.push(part.trim());
      continue;
    }
    target.dataset.sent = target.value;
    for (const field of findAll("input", target.parentNode)) values[field.name] = field === target ? part : field.value;
  }
  htmx.ajax("POST", byId("grid-form").action, { source: byId("grid-refresh"), target: "#week", swap: "outerHTML", values });
});

// What was sent is not sent again: a browser tells of a change once more when the answer takes the field away, and that
// would store what was just refused, now against what somebody else stored.

addEventListener("change", (event) => {
  const cell = asCell(event.target);
  if (cell && cell.dataset.sent === cell.value) event.stopPropagation();
}, true);
on("htmx:afterRequest", ({ detail: { elt } }) => {
  if (elt.matches("td")) delete find(".cell", elt)?.dataset.sent;
});

// What was typed since a request went out stays, in the field that comes with its answer. What was refused stays as it
// is, with the reason, until its author does something about it.

let kept = [];
on("htmx:configRequest", ({ detail: { elt } }) => {
  const cell = elt.matches("td") && find(".cell", elt);
  if (cell) cell.dataset.sent = cell.value;
});
on("htmx:beforeSwap", ({ detail: { target } }) => {
  kept = findAll(".cell", target).filter((cell) => cell.value !== (cell.dataset.sent ?? stored(cell)));
});
on("htmx:afterSwap", () => {
  for (const old of kept.splice(0)) {
    const cell = find(`[name="${old.name}"]`);
    if (!cell) continue;
    if (old.matches("[aria-invalid]") && !old.dataset.sent) {
      const [from, to] = [old.closest("td"), cell.closest("td")];
      if (find("[hx-trigger=load]", from)) continue; // that one was asked about in the list of its entries
      const hadFocus = cell === document.activeElement;
      to.replaceChildren(...from.childNodes);
      htmx.process(to);
      if (hadFocus) old.focus();
      continue;
    }
    cell.value = old.value;
    if (cell !== document.activeElement) cell.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

}
