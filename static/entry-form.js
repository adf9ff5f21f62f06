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
