// The form for time: record picker, duration echo, dates, kind, and the draft of a form closed by mistake.
// Everything here helps; the server reads and decides. Uses find, findAll, byId and say of shell.js.
"use strict";

// Durations: a copy of timetracking/rules/durations.py, passing the same table of cases.
// Returns { minutes, bare }, or { code, meant } where the text is refused.

const LONGEST = 24 * 60;
const NUMBER = "[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+";
const UNITS = new RegExp(`^(${NUMBER}) ?(\\p{L}+)(?: ?([0-9]+)(?: ?(\\p{L}+))?)?$`, "u");
const CLOCK = /^([0-9]*):([0-9]{2})$/;
const DECIMAL = /^[0-9]*[.,][0-9]+$/;
const WHOLE = /^[0-9]+$/;
const RANGE = /^([0-9]{1,2})(?::([0-9]{2}))? ?[-\u2013\u2014] ?([0-9]{1,2})(?::([0-9]{2}))?$/;
const ISO = /^pt(?:([0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?$/;
const WORDS = { hours: "h hr hrs hour hours", minutes: "m min mins minute minutes" };

function readDuration(text, { current = 0, hours = "", minutes = "" } = {}) {
  const hourWords = `${WORDS.hours} ${hours}`.split(" ");
  const minuteWords = `${WORDS.minutes} ${minutes}`.split(" ");
  const unreadable = { code: "duration_format" };

  const clean = text.replace(/[\t\n\v\f\r \u00a0\u2009\u202f]+/g, " ").replace(/^ | $/g, "").toLowerCase();
  if (!clean) return { code: "duration_required" };
  if ([...clean].length > 40) return unreadable;
  if (/^[-+\u2212]/.test(clean)) {
    const change = amount(clean.slice(1).replace(/^ /, ""));
    return change.code ? change : withinADay({ minutes: current + (clean[0] === "+" ? 1 : -1) * change.minutes });
  }
  const range = RANGE.exec(clean);
  const reading = range ? span(range.slice(1).map((part) => Number(part ?? 0))) : amount(clean);
  return reading.code ? reading : withinADay(reading);

  function amount(part) {
    let match;
    if ((match = UNITS.exec(part))) {
      const [, number, unit, rest, restUnit] = match;
      if (hourWords.includes(unit) && (!restUnit || minuteWords.includes(restUnit))) {
        const total = hoursToMinutes(number) + Number(rest ?? 0);
        return total > LONGEST && !rest && WHOLE.test(number) ? tooLong(number) : { minutes: total };
      }
      if (minuteWords.includes(unit) && !rest && WHOLE.test(number)) return { minutes: Number(number) };
    } else if ((match = CLOCK.exec(part))) {
      const total = Number(match[1]) * 60 + Number(match[2]);
      if (Number(match[2]) <= 59) return { minutes: total };
      return { code: "duration_minutes", meant: total <= LONGEST ? clockTime(total) : "" };
    } else if (DECIMAL.test(part)) {
      return { minutes: hoursToMinutes(part) };
    } else if (WHOLE.test(part)) {
      const number = Number(part);
      if (number > LONGEST) return tooLong(part);
      return { minutes: number <= 12 ? number * 60 : number, bare: number ? String(number) : "" };
    } else if ((match = ISO.exec(part)) && (match[1] ?? match[2] ?? match[3])) {
      return { minutes: hoursToMinutes(match[1] ?? "0") + Number(match[2] ?? 0) + Math.floor((Number(match[3] ?? 0) + 30) / 60) };
    }
    return unreadable;
  }

  function span([startHour, startMinute, endHour, endMinute]) {
    const start = startHour * 60 + startMinute;
    const end = endHour * 60 + endMinute || LONGEST;
    if (startMinute > 59 || endMinute > 59 || start >= LONGEST || end > LONGEST) return unreadable;
    if (end > start) return { minutes: end - start };
    const later = end + LONGEST / 2;
    const meant = start < later && later < LONGEST ? `${clockTime(start)}\u2013${clockTime(later)}` : "";
    return { code: "duration_backwards", meant };
  }

  function withinADay(result) {
    if (result.minutes < 1) return { code: "duration_too_short" };
    return result.minutes > LONGEST ? { code: "duration_too_long" } : result;
  }

  function tooLong(text) {
    const digits = text.replace(/^0+/, "");
    let meant = 0;
    if (digits.length === 2) meant = Number(digits);
    else if (digits.length <= 4 && Number(digits.slice(-2)) <= 59) meant = Number(digits.slice(0, -2)) * 60 + Number(digits.slice(-2));
    return { code: "duration_too_long", meant: meant > 0 && meant <= LONGEST ? shortTime(meant) : "" };
  }
}

// Decimal hours to the nearest minute, halves up, in whole numbers.
function hoursToMinutes(text) {
  const [whole, fraction = ""] = text.replace(",", ".").split(".");
  const scale = 10n ** BigInt(fraction.length);
  return Number((2n * BigInt(whole + fraction) * 60n + scale) / (2n * scale));
}

const clockTime = (minutes) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;

function shortTime(minutes, letters = "h m") {
  const [hour, minute] = letters.split(" ");
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (!hours && rest) return `${rest}${minute}`;
  return rest ? `${hours}${hour} ${String(rest).padStart(2, "0")}${minute}` : `${hours}${hour}`;
}

function inWords({ minutes, bare }) {
  const language = document.documentElement.lang || "en";
  const unit = (count, name) => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long" }).format(count);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const words = [hours && unit(hours, "hour"), (rest || !hours) && unit(rest, "minute")].filter(Boolean).join(" ");
  return bare ? `${bare} \u2192 ${words}` : words;
}

// The form. Each time one is swapped in, or is on the page from the start, it is set up once.

function setUpEntryForm(form) {
  form.dataset.entryForm = "ready";
  setUpDuration(form, byId("id_duration"));
  setUpDate(form, byId("id_date"));
  setUpPicker(form, byId("id_duration"));
  const why = byId("id_billable_why");
  byId("id_billable").addEventListener("change", () => (why.textContent = why.dataset.changed));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(event.shiftKey ? find("[data-again]", form) : null);
  });
  offerDraft(form);
}

function setUpDuration(form, field) {
  const echo = byId("id_duration_echo");
  const texts = field.dataset;
  let base = 0; // what "+15m" typed over the value adds to
  let rest;
  const read = () => readDuration(field.value, { current: base, hours: texts.hours, minutes: texts.minutes });
  const show = (text, refused) => {
    echo.textContent = text;
    echo.classList.toggle("bad", refused);
    field.toggleAttribute("aria-invalid", false);
    if (refused) field.setAttribute("aria-invalid", "true");
    clearTimeout(rest);
    if (text) rest = setTimeout(() => document.activeElement === field && say(text), 600);
  };
  const typed = () => {
    const now = read();
    byId("id_duration_error")?.remove();
    if (!now.code && !/^\s*[-+\u2212]/.test(field.value)) base = now.minutes;
    show(now.code ? "" : inWords(now), false);
  };
  const set = (minutes) => {
    field.value = shortTime(Math.min(Math.max(minutes, 1), LONGEST), texts.letters);
    typed();
  };
  field.addEventListener("input", typed);
  field.addEventListener("change", () => {
    const { code, meant, minutes } = read();
    if (code) show([texts[code], meant && texts.meant.replace("{meant}", meant)].filter(Boolean).join(" "), code !== "duration_required");
    else if (!RANGE.test(field.value.trim())) set(minutes);
  });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 15, ArrowDown: -15 }[event.key];
    if (!step) return;
    event.preventDefault();
    set((read().minutes ?? 0) + step);
  });
  for (const chip of findAll("[data-add]", form)) {
    chip.addEventListener("click", () => set((read().minutes ?? 0) + Number(chip.dataset.add)));
  }
  base = read().minutes ?? 0;
}

function setUpDate(form, field) {
  const words = byId("id_date_words");
  const { today, todayWords, yesterday, yesterdayWords } = words.dataset;
  const chips = findAll("[data-date]", form);
  const show = () => {
    const weekday = field.valueAsDate?.toLocaleDateString(document.documentElement.lang, { weekday: "long", timeZone: "UTC" });
    const pattern = { [today]: todayWords, [yesterday]: yesterdayWords }[field.value] ?? "{weekday}";
    words.textContent = pattern.replace("{weekday}", weekday ?? "");
    for (const chip of chips) chip.setAttribute("aria-pressed", chip.dataset.date === field.value);
  };
  field.addEventListener("input", show);
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      field.value = chip.dataset.date;
      show();
    });
  }
  show();
}

// The record picker: a combobox over the server's list of records (ARIA 1.2). Its value is the list without script.

function setUpPicker(form, next) {
  const picker = find("[data-picker]", form);
  const input = byId("id_record");
  const list = byId("id_record_options");
  const value = byId("id_record_list");
  const card = find("[data-picked]", picker);
  const options = () => findAll("[role=option]:not([aria-disabled])", list);
  const active = () => find("[aria-selected=true]", list);
  let kind = ""; // only what the person chose narrows the search, not what the form began with
  let searching = null;
  let pickWhenFound = false;
  let timer;

  const mark = (option) => {
    active()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option?.id ?? "");
  };
  const open = (shown) => {
    list.hidden = !shown || !list.childElementCount;
    input.setAttribute("aria-expanded", !list.hidden);
    if (!shown) mark(null);
  };
  const search = async () => {
    searching?.abort();
    searching = new AbortController();
    const address = `${picker.dataset.url}?${new URLSearchParams({ q: input.value, kind })}`;
    try {
      const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: searching.signal });
      if (answer.ok) list.innerHTML = await answer.text();
    } catch (error) {
      if (error.name === "AbortError") return; // a newer search has taken over
    }
    searching = null;
    open(document.activeElement === input);
    if (input.value.trim()) mark(options()[0]);
    const said = find("template[data-say]", list);
    if (said) say(said.dataset.say);
    if (pickWhenFound && options()[0]) pick(options()[0]);
    pickWhenFound = false;
  };
  const showCard = (shown) => {
    card.hidden = !shown;
    input.classList.toggle("nojs", shown);
  };
  const clear = () => {
    value.value = "";
    showCard(false);
  };
  const pick = (option) => {
    const { value: token, icon, subject, billable, why } = option.dataset;
    value.append(new Option(subject, token, false, true));
    find(`[name=kind][value=${option.dataset.kind}]`, form).checked = true;
    find("use", card).setAttribute("href", `#i-${icon}`);
    for (const part of ["b", "small"]) find(part, card).textContent = find(part, option).textContent;
    const words = byId("id_subject");
    if (!words.value || words.value === card.dataset.subject) words.value = subject;
    Object.assign(card.dataset, { kind: option.dataset.kind, subject });
    byId("id_billable").checked = billable === "1";
    byId("id_billable_shown").value = billable;
    byId("id_billable_why").textContent = why;
    byId("id_record_error")?.remove();
    input.value = "";
    showCard(true);
    open(false);
    next.focus();
  };
  const isReference = (option) => {
    const typed = input.value.trim().toLowerCase();
    const reference = find("small", option).textContent.split(" · ")[0].toLowerCase();
    return typed && [typed, `tkt-${typed}`].includes(reference);
  };

  for (const [name, set] of Object.entries({ role: "combobox", "aria-controls": list.id, "aria-autocomplete": "list" })) {
    input.setAttribute(name, set);
  }
  open(document.activeElement === input);
  for (const name of ["focus", "click"]) input.addEventListener(name, () => open(true));
  input.addEventListener("blur", () => open(false));
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 100);
    searching ??= new AbortController(); // due: Enter waits for it
  });
  input.addEventListener("keydown", (event) => {
    const { key } = event;
    const all = options();
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step) {
      open(true);
      mark(all.at((all.indexOf(active()) + step + (active() || step > 0 ? 0 : 1)) % all.length));
    } else if (key === "Enter" && !event.ctrlKey && !event.metaKey && searching && input.value.trim()) pickWhenFound = true;
    else if (key === "Enter" && !event.ctrlKey && !event.metaKey && active()) pick(active());
    else if (key === "Tab" && !event.shiftKey && active() && isReference(active())) pick(active());
    else if (key === "Escape" && (!list.hidden || input.value)) {
      if (list.hidden) input.value = "";
      open(false);
    } else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]:not([aria-disabled])");
    if (option) pick(option);
  });
  find("[data-clear]", card).addEventListener("click", () => {
    clear();
    input.focus();
  });
  for (const radio of findAll("[name=kind]", form)) {
    radio.addEventListener("change", () => {
      kind = radio.value;
      if (card.dataset.kind !== kind) clear();
      search();
    });
  }
}

// A new entry's form that was closed with changes is kept while this page is open, and offered by the next one.

let draft = null;

function offerDraft(form) {
  const offer = find("[data-restore]", form);
  if (!draft || draft === form || "editForm" in form.dataset) return;
  offer.hidden = false;
  find("button", offer).addEventListener("click", () => {
    form.replaceWith(draft);
    draft = null;
    byId("id_duration").focus();
  });
}

host?.addEventListener("close", () => {
  const form = find("form[data-entry-form]:not([data-edit-form])", host);
  if (form) draft = host.returnValue !== "done" && changed(form) ? form : null;
});

const setUpNewForms = () => findAll('form[data-entry-form=""]').forEach(setUpEntryForm);
document.addEventListener("htmx:afterSwap", setUpNewForms);
setUpNewForms();
