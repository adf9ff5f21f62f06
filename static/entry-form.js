// The log-time form: picker, echo of the duration, date in words, unsaved draft. The server decides. Uses shell.js.
"use strict";

// A copy of rules/durations.py for the same table of cases: { minutes, bare } or { code, meant }.

const LONGEST = 24 * 60;
const NUMBER = "[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+";
const UNITS = new RegExp(`^(${NUMBER}) ?(\\p{L}+)(?: ?([0-9]+)(?: ?(\\p{L}+))?)?$`, "u");
const CLOCK = /^([0-9]*):([0-9]{2})$/;
const DECIMAL = /^[0-9]*[.,][0-9]+$/;
const WHOLE = /^[0-9]+$/;
const RANGE = /^([0-9]{1,2})(?::([0-9]{2}))? ?[-\u2013\u2014] ?([0-9]{1,2})(?::([0-9]{2}))?$/;
const ISO = /^pt(?:([0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?$/;
const UNREADABLE = { code: "duration_format" };
const WORDS = { hours: "h hr hrs hour hours", minutes: "m min mins minute minutes" };

function readDuration(text, { current = 0, hours = "", minutes = "" } = {}) {
  const isUnit = (kind, word) => `${WORDS[kind]} ${{ hours, minutes }[kind]}`.split(" ").includes(word);
  const clean = text.split(/[\t\n\v\f\r \u00a0\u2009\u202f]+/).filter(Boolean).join(" ").toLowerCase();
  if (!clean) return { code: "duration_required" };
  if ([...clean].length > 40) return UNREADABLE;
  const sign = { "+": 1, "-": -1, "\u2212": -1 }[clean[0]];
  const range = RANGE.exec(clean);
  const reading = sign ? amount(clean.slice(1).replace(/^ /, "")) : range ? span(...range.slice(1)) : amount(clean);
  if (reading.code) return reading;
  return withinADay(sign ? { minutes: current + sign * reading.minutes } : reading);

  function amount(part) {
    const [, number, unit, rest, restUnit] = UNITS.exec(part) ?? [];
    if (isUnit("hours", unit) && (!restUnit || isUnit("minutes", restUnit))) {
      const total = hoursToMinutes(number) + Number(rest ?? 0);
      return total > LONGEST && !rest && WHOLE.test(number) ? tooLong(number) : { minutes: total };
    }
    if (isUnit("minutes", unit) && !rest && WHOLE.test(number)) return { minutes: Number(number) };

    const [, hour, minute] = CLOCK.exec(part) ?? [];
    if (minute) {
      const total = hour * 60 + Number(minute);
      if (minute <= 59) return { minutes: total };
      return { code: "duration_minutes", meant: total <= LONGEST ? clockTime(total) : "" };
    }
    if (DECIMAL.test(part)) return { minutes: hoursToMinutes(part) };
    if (WHOLE.test(part)) {
      if (part > LONGEST) return tooLong(part);
      return { minutes: part <= 12 ? part * 60 : Number(part), bare: part > 0 ? String(Number(part)) : "" };
    }
    const [, h, m, s] = ISO.exec(part) ?? [];
    if (h ?? m ?? s) return { minutes: hoursToMinutes(h ?? "0") + Number(m ?? 0) + Math.floor((Number(s ?? 0) + 30) / 60) };
    return UNREADABLE;
  }
}

function span(startHour, startMinute = 0, endHour, endMinute = 0) {
  const start = startHour * 60 + Number(startMinute);
  const end = endHour * 60 + Number(endMinute) || LONGEST;
  if (startMinute > 59 || endMinute > 59 || start >= LONGEST || end > LONGEST) return UNREADABLE;
  if (end > start) return { minutes: end - start };
  const later = end + LONGEST / 2;
  const meant = start < later && later < LONGEST ? `${clockTime(start)}\u2013${clockTime(later)}` : "";
  return { code: "duration_backwards", meant };
}

function withinADay(reading) {
  if (reading.minutes < 1) return { code: "duration_too_short" };
  return reading.minutes > LONGEST ? { code: "duration_too_long" } : reading;
}

function tooLong(text) {
  const digits = text.replace(/^0+/, "");
  const [hours, rest] = digits.length === 2 ? [0, digits] : [digits.slice(0, -2), digits.slice(-2)];
  const meant = digits.length <= 4 && (!hours || rest <= 59) ? hours * 60 + Number(rest) : 0;
  return { code: "duration_too_long", meant: meant && meant <= LONGEST ? shortTime(meant) : "" };
}

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

const tell = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

function decide(form, billable, shown) {
  form.billable.checked = billable === "1";
  form.billable_shown.value = shown;
}

function setUpEntryForm(form) {
  form.dataset.entryForm = "ready";
  const duration = find("#id_duration", form); // the form of a timer has none
  if (duration) setUpDuration(form, duration);
  if (duration) setUpDate(form, byId("id_date"));
  setUpPicker(form, duration ?? byId("id_subject"));
  form.addEventListener("htmx:afterSwap", () => {
    const { decided, shown } = find("[data-decided]", form)?.dataset ?? {};
    if (decided) decide(form, decided, shown);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (event.target === duration) duration.dispatchEvent(new Event("change")); // works out +15m
    const button = event.shiftKey && find("[data-again]", form);
    (button || find(".primary", form)).click(); // htmx sends only clicked buttons
  });
  offerDraft(form);
}

function setUpDuration(form, field) {
  const echo = byId("id_duration_echo");
  const texts = field.dataset;
  let base = 0; // what +15m adds to
  let rest;
  const read = () => readDuration(field.value, { current: base, hours: texts.hours, minutes: texts.minutes });
  const show = (text, refused = false) => {
    echo.textContent = text;
    echo.classList.toggle("bad", refused);
    field.setAttribute("aria-invalid", refused);
    clearTimeout(rest);
    if (text) rest = setTimeout(() => document.activeElement === field && say(text), 600);
  };
  const typed = () => {
    const now = read();
    byId("id_duration_error")?.remove();
    if (!now.code && !/^\s*[-+\u2212]/.test(field.value)) base = now.minutes;
    show(now.code ? "" : inWords(now));
  };
  const set = (minutes) => {
    field.value = shortTime(Math.min(Math.max(minutes, 1), LONGEST), texts.letters);
    tell(field);
  };
  const add = (minutes) => set((read().minutes ?? 0) + minutes);
  field.addEventListener("input", typed);
  field.addEventListener("change", () => {
    const { code, meant, minutes } = read();
    if (code) show((texts[code] ?? "") + (meant ? ` ${texts.meant.replace("{meant}", meant)}` : ""), code in texts);
    else if (!RANGE.test(field.value.trim())) set(minutes);
  });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 15, ArrowDown: -15 }[event.key];
    if (!step) return;
    event.preventDefault();
    add(step);
  });
  form.addEventListener("click", ({ target }) => target.dataset.add && add(Number(target.dataset.add)));
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
  form.addEventListener("click", ({ target: { dataset: { date } } }) => {
    if (!date) return;
    field.value = date;
    tell(field);
  });
  show();
}

// The record picker: an ARIA 1.2 combobox. Its value is the list that is used without script.

function setUpPicker(form, next) {
  const picker = find("[data-picker]", form);
  const input = byId("id_record");
  const list = byId("id_record_options");
  const value = byId("id_record_list");
  const card = find("[data-picked]", picker);
  const options = () => findAll("[role=option]:not([aria-disabled])", list);
  const active = () => find("[aria-selected=true]", list);
  let kind = ""; // narrows the search once a person has chosen it
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
      if (error.name === "AbortError") return;
    }
    searching = null;
    open(document.activeElement === input);
    mark(input.value.trim() ? options()[0] : null);
    say(find("template[data-say]", list)?.dataset.say ?? "");
    if (pickWhenFound && active()) pick(active());
    pickWhenFound = false;
  };
  const choose = (token) => {
    value.append(new Option(token, token));
    value.value = token;
    card.hidden = !token;
    input.classList.toggle("nojs", token);
    tell(value);
  };
  const pick = (option) => {
    const { value: token, kind: itsKind, icon, subject, billable } = option.dataset;
    const radio = find(`[name=kind][value=${itsKind}]`, form);
    if (radio) radio.checked = true;
    find("use", card).setAttribute("href", `#i-${icon}`);
    for (const part of ["b", "small"]) find(part, card).textContent = find(part, option).textContent;
    const words = byId("id_subject");
    if (!words.value || words.value === card.dataset.subject) words.value = subject;
    Object.assign(card.dataset, { kind: itsKind, subject });
    const star = find("[data-star]", card);
    if (star) Object.assign(star, { value: "starred" in option.dataset ? "0" : "1", ariaPressed: "starred" in option.dataset });
    if (form.billable) decide(form, billable, billable);
    byId("id_record_error")?.remove();
    input.value = "";
    choose(token);
    open(false);
    next.focus();
  };
  Object.assign(input, { role: "combobox", ariaAutoComplete: "list" });
  input.setAttribute("aria-controls", list.id);
  open(document.activeElement === input);
  if (input.value && document.activeElement === input) search(); // typed before this script was here
  for (const name of ["focus", "click"]) input.addEventListener(name, () => open(true));
  input.addEventListener("blur", () => open(false));
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 100);
    searching ??= new AbortController(); // Enter waits for it
  });
  input.addEventListener("keydown", (event) => {
    const key = event.ctrlKey || event.metaKey || event.shiftKey ? "" : event.key;
    const all = options();
    const at = all.indexOf(active());
    if (key === "ArrowDown" || key === "ArrowUp") {
      open(true);
      mark(key === "ArrowDown" ? all[at + 1] ?? all[0] : all.at(Math.max(at - 1, -1)));
    } else if (key === "Enter" && searching && input.value.trim()) pickWhenFound = true;
    else if ((key === "Enter" || key === "Tab") && at >= 0) pick(all[at]);
    else if (key === "Escape" && (!list.hidden || input.value)) {
      if (list.hidden) input.value = "";
      open(false);
    } else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]:not([aria-disabled])");
    if (option) pick(option);
  });
  find("[data-clear]", card).addEventListener("click", () => {
    choose("");
    input.focus();
  });
  for (const radio of findAll("[name=kind]", form)) {
    radio.addEventListener("change", () => {
      kind = radio.value;
      if (card.dataset.kind !== kind) choose("");
      if (kind === "GENERAL") input.value = ""; // needs no record
      search();
    });
  }
}

// A new entry's form that was closed with changes is offered by the next one.

let draft = null;

function offerDraft(form) {
  const offer = find("[data-restore]", form);
  if (!draft || !offer) return;
  offer.hidden = false;
  find("button", offer).addEventListener("click", () => {
    form.replaceWith(draft);
    draft = null;
    byId("id_duration").focus();
  });
}

host?.addEventListener("close", () => {
  const form = find("form:has([data-restore])", host);
  if (form) draft = host.returnValue !== "done" && changed(form) ? form : null;
});

const setUpNewForms = () => findAll('form[data-entry-form=""]').forEach(setUpEntryForm);
on("htmx:afterSwap", setUpNewForms);
setUpNewForms();
