// Reads the score's text as models/joint/score_text.py does, with the same errors, and says where in the text everything stands.

export const TRACKS = ["dialogue", "music", "effects"];
const NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
const SEMITONE = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const NOTE = /^([A-Ga-g])([#b]*)(-?\d+)$/;
const NUMBER = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/i;
// What Python takes for space and for the end of a line.
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WORD = new RegExp(`[^${SPACE}]+`, "g");
const COMMENT = new RegExp(`(^|[${SPACE}])#`);
const OPENING = new RegExp(`^[${SPACE}]*([{[])`);
const BREAK = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

class Wrong extends Error {}

// text -> {json, lines, events, seconds, length, errors}
//   lines: [{number, start, end, next, cut, parts}], where its comment is cut and the next line starts
//   events: [{track, time, strength, pitch?}] in the order of the text; in the line form each knows its `part`: {words, start, end}
//   seconds: what the text says, or null; length: that, or the time of the last event
//   errors: [{line, message}], line null where the error has none; the first is the one that Python raises
export function parse(text) {
  const score = { json: OPENING.test(text), lines: [], events: [], seconds: null, errors: [] };
  if (score.json) readJson(text, score);
  else for (const line of linesOf(text)) readLine(text, line, score);
  const last = Math.max(0, ...score.events.map((event) => event.time));
  score.length = score.seconds ?? last;
  if (last > score.length) {
    score.errors.push({ line: null, message: `score: the event at ${general(last)} s lies after the end (${general(score.seconds)} s)` });
  }
  return score;
}

// Whether the model would draft: nothing but space.
export function isEmpty(text) {
  return text.match(WORD) === null;
}

function linesOf(text) {
  const lines = [];
  let start = 0;
  for (const match of [...text.matchAll(BREAK), { index: text.length, 0: "" }]) {
    const next = match.index + match[0].length;
    if (start < text.length) lines.push({ number: lines.length + 1, start, end: match.index, next });
    start = next;
  }
  return lines;
}

function readLine(text, line, score) {
  const whole = text.slice(line.start, line.end);
  const comment = whole.match(COMMENT);
  line.cut = comment ? line.start + comment.index : line.end;
  line.parts = [];
  score.lines.push(line);
  let start = line.start;
  for (const piece of text.slice(line.start, line.cut).split(";")) {
    const words = [...piece.matchAll(WORD)].map((match) => ({ text: match[0], start: start + match.index, end: start + match.index + match[0].length }));
    start += piece.length + 1;
    if (!words.length) continue;
    const part = { words, start: words[0].start, end: words.at(-1).end, line };
    line.parts.push(part);
    try {
      readPart(part, score);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      part.wrong = true;
      score.errors.push({ line: line.number, message: `score, line ${line.number} (${repr(text.slice(part.start, part.end))}): ${error.message}` });
    }
  }
}

function readPart(part, score) {
  const words = part.words.map((word) => word.text);
  if (words[0].toLowerCase() === "seconds") {
    part.seconds = true;
    if (words.length !== 2) throw new Wrong("write `seconds` and one number");
    score.seconds = duration(words[1]);
  } else {
    score.events.push({ ...eventOf(words), part });
  }
}

function readJson(text, score) {
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    score.errors.push({ line: null, message: "score: not valid JSON" }); // browsers do not agree on where
    score.broken = true;
    return;
  }
  if (Array.isArray(data)) data = { events: data };
  if (!Array.isArray(data.events)) {
    score.errors.push({ line: null, message: 'score: the JSON form is {"seconds": 4.0, "events": [{"track": "effects", "time": 1.25, "strength": 0.8}]}' });
    score.broken = true;
    return;
  }
  const attempt = (prefix, read) => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      score.errors.push({ line: null, message: prefix + error.message });
      score.broken = true;
    }
  };
  attempt("", () => (score.seconds = data.seconds ? duration(data.seconds) : null));
  for (const [index, item] of data.events.entries()) {
    attempt(`score, event ${index + 1}: `, () => {
      if (item === null || typeof item !== "object" || !("track" in item) || !("time" in item)) throw new Wrong("an event has a track and a time");
      const words = [item.track, item.time, "strength" in item ? item.strength : 1];
      score.events.push(eventOf((item.pitch ?? null) === null ? words : [...words, item.pitch]));
    });
  }
}

function eventOf(words) {
  const track = String(words[0]).toLowerCase();
  if (track === "ambience") throw new Wrong("ambience has no events; describe it in the prompt");
  if (!TRACKS.includes(track)) throw new Wrong(`unknown track ${repr(words[0])}; tracks are ${TRACKS.join(", ")}`);
  if (words.length < 2) throw new Wrong("no time given, e.g. `effects 1.25`");
  if (words.length > 4) throw new Wrong("too many words: track, seconds, strength, pitch");
  const rest = words.slice(2);
  if (rest.length === 1 && isNote(rest[0])) rest.unshift(1);
  const event = { track, time: number(words[1], "time", 0, Infinity), strength: rest.length ? number(rest[0], "strength", 0, 1.2) : 1 };
  if (rest.length === 2) event.pitch = midi(rest[1]);
  return event;
}

export function isNote(word) {
  return NOTE.test(digits(String(word)));
}

function number(word, what, low, high) {
  const value = toFloat(word);
  if (value === null) throw new Wrong(`${what} ${repr(word)} is not a number`);
  if (!Number.isFinite(value) || value < low || value > high) {
    throw new Wrong(`${what} must be ${high < Infinity ? `from ${general(low)} to ${general(high)}` : `at least ${general(low)}`}, not ${plain(word)}`);
  }
  return value;
}

function duration(word) {
  const seconds = number(word, "seconds", 0, Infinity);
  if (seconds === 0) throw new Wrong("seconds must be more than 0");
  return seconds;
}

function midi(word) {
  const match = digits(String(word)).match(NOTE);
  if (!match) return number(word, "pitch", 0, 127);
  const [, letter, accidentals, octave] = match;
  const count = (sign) => accidentals.split(sign).length - 1;
  return number(SEMITONE[letter.toUpperCase()] + count("#") - count("b") + 12 * (Number(octave) + 1), "pitch", 0, 127);
}

// MIDI note number -> "A4"; between two notes the number itself.
export function noteName(pitch) {
  return Number.isInteger(pitch) ? `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}` : general(pitch);
}

// float() of Python, or null.
function toFloat(word) {
  if (typeof word === "number" || typeof word === "boolean") return Number(word);
  if (typeof word !== "string") return null;
  const bare = digits(word.match(WORD)?.length === 1 ? word.match(WORD)[0] : "");
  if (NUMBER.test(bare)) return Number(bare.replaceAll("_", ""));
  if (/^[+-]?inf(inity)?$/i.test(bare)) return bare.startsWith("-") ? -Infinity : Infinity;
  return /^[+-]?nan$/i.test(bare) ? NaN : null;
}

function digits(word) {
  return word.replace(/\p{Nd}/gu, (digit) => digit.normalize("NFKC"));
}

// The format "g" of Python: six digits.
function general(value) {
  const power = value === 0 ? 0 : Number(value.toExponential(5).split("e")[1]);
  if (power >= -4 && power < 6) return String(Number(value.toPrecision(6)));
  const [mantissa, exponent] = value.toExponential(5).split("e");
  return `${Number(mantissa)}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

function plain(value) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}

function repr(value) {
  if (typeof value !== "string") return plain(value);
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const hex = (code) => (code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : code < 65536 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`);
  const shown = [...value].map((sign) => {
    if (sign === quote || sign === "\\") return `\\${sign}`;
    if (sign in ESCAPES) return ESCAPES[sign];
    return sign !== " " && /[\p{C}\p{Z}]/u.test(sign) ? hex(sign.codePointAt(0)) : sign;
  });
  return quote + shown.join("") + quote;
}

const ESCAPES = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };
