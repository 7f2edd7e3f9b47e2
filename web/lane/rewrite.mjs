// Writes changed hits back into the text: only their words change, and comments and the order of the other lines stay.

import { isNote, noteName } from "./score_text.mjs";

// `changes`: Map of an index into score.events to the changed event, or to null where it is deleted; `added`: new events;
// `seconds`: the length to write, null for none, undefined where it stays. A score that was JSON becomes lines.
export function rewrite(text, score, { changes = new Map(), added = [], seconds }) {
  if (score.json) return asLines(score, { changes, added, seconds });
  const words = [];  // [start, end, new words]
  const gone = new Set();
  for (const [index, event] of changes) {
    const old = score.events[index];
    if (event === null) gone.add(old.part);
    else words.push(...reworded(old, event));
  }
  const lengths = score.lines.flatMap((line) => line.parts).filter((part) => part.seconds && !part.wrong);
  if (seconds === null) lengths.forEach((part) => gone.add(part));
  else if (seconds !== undefined && lengths.length) words.push([lengths.at(-1).words[1].start, lengths.at(-1).words[1].end, figure(seconds)]);
  const body = (start, end) => {
    let out = "";
    for (const [from, to, word] of words.filter(([from]) => from >= start && from < end).sort((a, b) => a[0] - b[0])) {
      out += text.slice(start, from) + word;
      start = to;
    }
    return out + text.slice(start, end);
  };
  const after = placed(score, added, (line) => line.parts.every((part) => gone.has(part)));
  const out = seconds != null && !lengths.length ? [`seconds ${figure(seconds)}`] : [];
  out.push(...after(null));
  for (const line of score.lines) {
    if (!line.parts.some((part) => gone.has(part))) {
      out.push(body(line.start, line.end));
    } else {
      const kept = line.parts.filter((part) => !gone.has(part)).map((part) => body(part.start, part.end));
      const rest = kept.join("; ") + text.slice(line.cut, line.end);
      if (rest.trim()) out.push(kept.length ? rest : rest.trimStart());
    }
    out.push(...after(line));
  }
  const ending = out.length && /[\n\r]$/.test(text) ? "\n" : "";
  return out.join("\n") + ending;
}

export function written(event) {
  const pitch = event.pitch == null ? "" : ` ${noteName(event.pitch)}`;
  return `${event.track} ${figure(event.time)} ${figure(event.strength)}${pitch}`;
}

// A number in at most three decimals.
export function figure(value) {
  return String(Number(value.toFixed(3)));
}

// -> line (or null for the top of the text) -> the new events' lines that follow it: each after the last that is not later.
function placed(score, added, leaves) {
  const at = new Map();
  for (const event of [...added].sort((a, b) => a.time - b.time)) {
    const before = score.events.filter((other) => other.time <= event.time && !leaves(other.part.line)).at(-1)?.part.line;
    const first = score.events[0]?.part.line;
    const line = before ?? (first ? (score.lines[score.lines.indexOf(first) - 1] ?? null) : (score.lines.at(-1) ?? null));
    at.set(line, [...(at.get(line) ?? []), written(event)]);
  }
  return (line) => at.get(line) ?? [];
}

// The words of an event that change: [start, end, new words]
function reworded(old, event) {
  const [track, time, ...rest] = old.part.words;
  const out = [];
  if (event.track !== old.track) out.push([track.start, track.end, event.track]);
  if (event.time !== old.time) out.push([time.start, time.end, figure(event.time)]);
  if (event.strength !== old.strength || event.pitch !== old.pitch) {
    const bare = rest.length === 1 && isNote(rest[0].text);
    const strength = event.strength === old.strength ? (bare ? null : rest[0]?.text) : figure(event.strength);
    const pitch = event.pitch === old.pitch ? rest.at(-1)?.text : noteName(event.pitch);
    const tail = [strength, event.pitch == null ? null : pitch].filter((word) => word != null);
    out.push([time.end, old.part.end, tail.map((word) => ` ${word}`).join("")]);
  }
  return out;
}

function asLines(score, { changes, added, seconds }) {
  const kept = score.events.map((event, index) => (changes.has(index) ? changes.get(index) : event)).filter(Boolean);
  const all = [...kept, ...added].sort((a, b) => a.time - b.time);
  const length = seconds === undefined ? score.seconds : seconds;
  return [...(length === null ? [] : [`seconds ${figure(length)}`]), ...all.map(written)].join("\n");
}
