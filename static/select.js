// Selecting entries: how many and how long, all of a day or list, X on the focused one, Shift for all between.
"use strict";

const boxes = (within = document) => findAll(".pick:not(.all)", within);
const groupOf = (element) => element.closest(".day, #record-entries, #report-entries") ?? document;
const boxOf = (element) => find(".pick:not(.all)", element.closest(".entry, .tl li, tr") ?? document.head);
let last;

function tally() {
  const { selected, letters } = byId("bulk").dataset;
  const ticked = boxes().filter((box) => box.checked);
  const minutes = ticked.reduce((sum, box) => sum + Number(box.dataset.minutes), 0);
  const [h, m] = letters.split(" ");
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const length = hours ? hours + h + (rest ? ` ${String(rest).padStart(2, "0")}${m}` : "") : rest + m;
  find("#bulk b").textContent = `${selected.replace("{count}", ticked.length)}, ${length}`;
  for (const all of findAll(".pick.all")) all.checked = boxes(groupOf(all)).every((box) => box.checked);
}

on("click", ({ target, shiftKey }) => {
  if (!target.matches(".pick")) return;
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(target)].sort((a, b) => a - b);
  const more = target.matches(".all") ? boxes(groupOf(target)) : shiftKey && from >= 0 ? all.slice(from, to) : [];
  for (const box of more) box.checked = target.checked;
  last = target;
  tally();
});
on("reset", () => setTimeout(tally));
for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap"]) on(name, tally);

on("keydown", ({ target, key, shiftKey, ctrlKey, metaKey, altKey }) => {
  if (document.body.dataset.shortcuts !== "on" || openDialog() || ctrlKey || metaKey || altKey) return;
  const box = !target.matches("input:not([type=checkbox]), select, textarea") && boxOf(target);
  if (box && key.toLowerCase() === "x") box.checked = !box.checked;
  else if (box && shiftKey && /^Arrow(Up|Down)$/.test(key)) {
    for (const each of [box, boxOf(document.activeElement)]) if (each) each.checked = true; // shell.js moved the focus
  } else return;
  tally();
});
