import { AT_REST, STANDARD } from "./law.mjs";

// The text of the widget `more`, the same as media/strips.py reads it: one stem a line, `narrator: gain -3, pan 0.2, mute`.
// What the node will refuse is passed over here; the node says what is wrong with it.

const FLAGS = ["mute", "solo", "key", "duck"];
const NUMBERS = ["gain", "pan", "delay"];

function lines(text) {
  return text.split(/\r\n|\n|\r/).map((line) => {
    const [said] = line.split("#");
    const colon = said.lastIndexOf(":");
    return { line, name: colon < 0 ? null : said.slice(0, colon).trim(), said: said.slice(colon + 1), comment: line.slice(said.length) };
  });
}

function words(said) {
  return said.split(",").map((part) => part.trim()).filter(Boolean);
}

function value(setting) {
  const [word, ...rest] = setting.split(" ");
  const given = rest.join(" ").trim();
  if (FLAGS.includes(word) && !given) return [word, true];
  if (NUMBERS.includes(word) && given && isFinite(given)) return [word, Number(given)];
  return null;
}

// name -> strip, of the stems that have a line.
export function parse(text) {
  const strips = {};
  for (const { name, said } of lines(text)) {
    if (!name || STANDARD.includes(name)) continue;
    strips[name] = { ...AT_REST, ...Object.fromEntries(words(said).map(value).filter(Boolean)) };
  }
  return strips;
}

// Whether a stem of this name can have a line at all.
export function writable(name) {
  return name !== "" && name === name.trim() && !/[#\r\n]/.test(name);
}

// The text with one setting of one stem changed; its other words, its comment and the other lines stay.
export function rewritten(text, name, key, to) {
  const told = typeof to === "boolean" ? key : `${key} ${to}`;
  const found = lines(text);
  const entry = found.find((line) => line.name === name);
  const settings = words(entry?.said ?? "");
  const place = settings.findIndex((setting) => value(setting)?.[0] === key);
  const kept = settings.filter((setting) => value(setting)?.[0] !== key);
  if (to !== AT_REST[key]) kept.splice(place < 0 ? kept.length : place, 0, told);
  const line = `${name}: ${kept.join(", ")}`.trimEnd();
  if (!entry) return text.trimEnd() ? `${text.trimEnd()}\n${line}` : line;
  entry.line = entry.comment ? `${line} ${entry.comment}` : line;
  return found.map((each) => each.line).join("\n");
}
