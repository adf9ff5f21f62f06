// The picker of a row that is added to the weekly grid: what is picked is sent at once. Uses shell.js.
"use strict";

{ // names of its own, as in grid.js

const setUpNew = () => findAll("#grid-add:not([role])").forEach(setUpPicker);
on("htmx:load", setUpNew);
setUpNew();

function setUpPicker(input) {
  const list = byId("grid-options");
  const options = () => findAll("[role=option]:not([aria-disabled])", list);
  const active = () => find("[aria-selected=true]", list);
  let asked = ""; // what the options are an answer to
  const waiting = () => input.value.trim() && (asked !== input.value || input.matches(".htmx-request"));
  let wanted = false; // Enter came before it
  const mark = (option) => {
    active()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option?.id ?? "");
  };
  const show = (shown) => {
    list.hidden = !shown || !list.childElementCount;
    input.setAttribute("aria-expanded", !list.hidden);
    if (!shown) mark(null);
  };
  const pick = (option) => {
    input.form.record.value = option.dataset.value;
    show(false);
    input.form.requestSubmit();
  };
  Object.assign(input, { role: "combobox", ariaAutoComplete: "list" });
  input.setAttribute("aria-controls", list.id);
  show(document.activeElement === input);
  input.addEventListener("htmx:configRequest", () => (asked = input.value));
  if (input.value) htmx.trigger(input, "focus"); // typed before this script was here
  input.addEventListener("blur", () => show(false));
  list.addEventListener("htmx:afterSwap", () => {
    show(document.activeElement === input);
    if (asked !== input.value) return; // the next answer is on its way
    mark(input.value.trim() ? options()[0] : null);
    say(find("template[data-say]", list)?.dataset.say ?? "");
    if (wanted && active()) pick(active());
    wanted = false;
  });
  input.addEventListener("keydown", (event) => {
    const [all, { key }] = [options(), event];
    const at = all.indexOf(active());
    if (key === "ArrowDown" || key === "ArrowUp") {
      show(true);
      mark(key === "ArrowDown" ? all[at + 1] ?? all[0] : all.at(Math.max(at - 1, -1)));
    } else if (key === "Enter" && waiting()) wanted = true;
    else if (key === "Enter" && at >= 0) pick(all[at]);
    else if (key === "Escape" && (!list.hidden || input.value)) {
      if (list.hidden) input.value = "";
      show(false);
    } else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => {
    const option = target.closest("[role=option]:not([aria-disabled])");
    if (option) pick(option);
  });
}

}
