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

let draft = null; // what was typed in a form closed without saving, for as long as this page is open

function setUpEntryForm(form) {
  form.dataset.entryForm = "ready";
  const duration = byId("id_duration");
  const day = byId("id_date");
  setUpDuration(form, duration);
  setUpDate(form, day);
  setUpPicker(form, duration);
  byId("id_billable").addEventListener("change", () => {
    byId("id_billable_why").textContent = byId("id_billable_why").dataset.changed;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(event.shiftKey ? find("[data-again]", form) : null);
  });
  setUpDraft(form);
}

function setUpDuration(form, field) {
  const echo = byId("id_duration_echo");
  const texts = field.dataset;
  const reading = () => readDuration(field.value, { hours: texts.hours, minutes: texts.minutes });
  let rest;

  const show = (text, isError) => {
    echo.textContent = text;
    echo.classList.toggle("bad", isError);
    clearTimeout(rest);
    if (text) rest = setTimeout(() => say(text), 600);
  };
  const complaint = ({ code, meant }) =>
    [texts[code], meant && texts.meant.replace("{meant}", meant)].filter(Boolean).join(" ");
  const set = (minutes) => {
    field.value = shortTime(Math.min(Math.max(minutes, 1), LONGEST), texts.letters);
    field.dispatchEvent(new Event("input"));
  };
  const current = () => reading().minutes ?? 0;

  field.addEventListener("input", () => {
    byId("id_duration_error")?.remove();
    field.removeAttribute("aria-invalid");
    const now = reading();
    show(now.code ? "" : inWords(now), false);
  });
  field.addEventListener("change", () => {
    const now = reading();
    if (now.code) show(now.code === "duration_required" ? "" : complaint(now), true);
    else if (!RANGE.test(field.value.trim())) field.value = shortTime(now.minutes, texts.letters);
    field.toggleAttribute("aria-invalid", false);
    if (now.code && now.code !== "duration_required") field.setAttribute("aria-invalid", "true");
  });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 15, ArrowDown: -15 }[event.key];
    if (!step) return;
    event.preventDefault();
    set(current() + step);
  });
  let before = 0; // the value that "+15m" typed over it adds to
  field.addEventListener("focus", () => (before = current()));
  field.addEventListener("input", () => {
    if (!/^\s*[-+\u2212]/.test(field.value)) before = current() || before;
    else {
      const changed = readDuration(field.value, { current: before, hours: texts.hours, minutes: texts.minutes });
      if (!changed.code) show(inWords(changed), false);
    }
  });
  field.addEventListener("focusout", () => {
    if (!/^\s*[-+\u2212]/.test(field.value)) return;
    const changed = readDuration(field.value, { current: before, hours: texts.hours, minutes: texts.minutes });
    if (!changed.code) set(changed.minutes);
  });
  for (const chip of findAll("[data-add]", form)) chip.addEventListener("click", () => set(current() + Number(chip.dataset.add)));
}

function setUpDate(form, field) {
  const words = byId("id_date_words");
  const chips = findAll("[data-date]", form);
  const show = () => {
    const day = field.valueAsDate;
    if (!day) return void (words.textContent = "");
    const weekday = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "long", timeZone: "UTC" }).format(day);
    const { today, todayWords, yesterday, yesterdayWords } = words.dataset;
    const pattern = { [today]: todayWords, [yesterday]: yesterdayWords }[field.value] ?? "{weekday}";
    words.textContent = pattern.replace("{weekday}", weekday);
    for (const chip of chips) chip.setAttribute("aria-pressed", chip.dataset.date === field.value);
  };
  field.addEventListener("input", show);
  for (const chip of chips) chip.addEventListener("click", () => { field.value = chip.dataset.date; show(); });
  show();
}

// The record picker: a combobox over the server's list of records (ARIA 1.2). Its value is the list without script.

function setUpPicker(form, next) {
  const picker = find("[data-picker]", form);
  const input = byId("id_record");
  const list = byId("id_record_options");
  const value = byId("id_record_list");
  const card = find("[data-picked]", picker);
  const first = list.innerHTML;
  const options = () => findAll("[role=option]:not([aria-disabled])", list);
  const active = () => find("[aria-selected=true]", list);
  let request = null;
  let pickWhenFound = false;
  let timer;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-autocomplete", "list");
  open(false);

  function open(shown) {
    list.hidden = !shown || !list.childElementCount;
    input.setAttribute("aria-expanded", !list.hidden);
    if (!shown) mark(null);
  }
  function mark(option) {
    active()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }
  function kind() {
    const chosen = find("[name=kind]:checked", form)?.value ?? "";
    return chosen === "TICKET" ? "" : chosen;
  }
  async function search() {
    request?.abort();
    request = new AbortController();
    const address = `${picker.dataset.url}?${new URLSearchParams({ q: input.value, kind: kind() })}`;
    try {
      const response = await fetch(address, { headers: { "HX-Request": "true" }, signal: request.signal });
      request = null;
      if (!response.ok) return;
      list.innerHTML = await response.text();
    } catch {
      return; // replaced by a newer search, or offline: the typed reference still counts
    }
    open(document.activeElement === input);
    if (input.value.trim()) mark(options()[0]);
    const said = find("template[data-say]", list)?.dataset.say;
    if (said) say(said);
    if (pickWhenFound && options()[0]) pick(options()[0]);
    pickWhenFound = false;
  }
  function pick(option) {
    const { value: token, kind: itsKind, icon, subject, billable, why } = option.dataset;
    value.append(new Option(subject, token, false, true));
    value.value = token;
    const radio = find(`[name=kind][value="${CSS.escape(itsKind)}"]`, form);
    if (radio) radio.checked = true;
    card.dataset.kind = itsKind;
    find("use", card).setAttribute("href", `#i-${icon}`);
    find("b", card).textContent = find("b", option).textContent;
    find("small", card).textContent = find("small", option).textContent;
    const words = byId("id_subject");
    if (!words.value || words.value === card.dataset.subject) words.value = subject;
    card.dataset.subject = subject;
    byId("id_billable").checked = billable === "1";
    byId("id_billable_shown").value = billable;
    byId("id_billable_why").textContent = why;
    input.value = "";
    showCard(true);
    open(false);
    next.focus();
  }
  function showCard(shown) {
    card.hidden = !shown;
    input.classList.toggle("nojs", shown);
    if (shown) byId("id_record_error")?.remove();
  }
  function clear() {
    value.value = "";
    list.innerHTML = first;
    showCard(false);
  }

  input.addEventListener("focus", () => open(true));
  input.addEventListener("click", () => open(true));
  input.addEventListener("blur", () => open(false));
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 100);
    request ??= new AbortController(); // a search is due: Enter waits for it
  });
  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(active());
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      open(true);
      mark(all[(at + step + all.length) % all.length] ?? all[0]);
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      if (request && input.value.trim()) pickWhenFound = true;
      else if (!active() || list.hidden) return;
      else pick(active());
      event.preventDefault();
    } else if (event.key === "Tab" && !event.shiftKey && active() && isReference(active())) {
      event.preventDefault();
      pick(active());
    } else if (event.key === "Escape" && (!list.hidden || input.value)) {
      event.preventDefault();
      if (list.hidden) input.value = "";
      open(false);
    }
  });
  const isReference = (option) => {
    const typed = input.value.trim().toLowerCase();
    const reference = find("small", option).textContent.split(" · ")[0].toLowerCase();
    return typed && (reference === typed || reference === `tkt-${typed}`);
  };
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]:not([aria-disabled])");
    if (option) pick(option);
  });
  find("[data-clear]", picker).addEventListener("click", () => {
    clear();
    input.focus();
  });
  for (const radio of findAll("[name=kind]", form)) {
    radio.addEventListener("change", () => {
      if (!card.hidden && card.dataset.kind !== radio.value) clear();
      if (kind()) search();
      else list.innerHTML = first;
    });
  }
}

// A form closed with changes is offered again.

function setUpDraft(form) {
  const offer = find("[data-restore]", form);
  if ("editForm" in form.dataset) return;
  if (draft) {
    const kept = draft;
    offer.hidden = false;
    find("button", offer).addEventListener("click", () => {
      const picked = find("[data-picked]", form);
      picked.innerHTML = kept.picked;
      Object.assign(picked.dataset, kept.pickedData);
      picked.hidden = !kept.values.get("record");
      byId("id_record").classList.toggle("nojs", !picked.hidden);
      byId("id_record_list").append(new Option("", kept.values.get("record")));
      for (const field of form.elements) {
        if (!field.name || field.type === "submit" || ["key", "csrfmiddlewaretoken", "version"].includes(field.name)) continue;
        const value = kept.values.get(field.name);
        if (field.type === "radio") field.checked = field.value === value;
        else if (field.type === "checkbox") field.checked = value !== null;
        else if (value !== null) field.value = value;
      }
      draft = null;
      offer.hidden = true;
      byId("id_duration").dispatchEvent(new Event("input"));
      byId("id_duration").focus();
    });
  }
}

host?.addEventListener("close", () => {
  const form = find("form[data-entry-form]", host);
  if (!form || "editForm" in form.dataset) return;
  const picked = find("[data-picked]", form);
  if (host.returnValue === "done") draft = null;
  else if (changed(form)) draft = { values: new FormData(form), picked: picked.innerHTML, pickedData: { ...picked.dataset } };
});

const setUpNewForms = () => findAll('form[data-entry-form=""]').forEach(setUpEntryForm);
document.addEventListener("htmx:afterSwap", setUpNewForms);
setUpNewForms();
