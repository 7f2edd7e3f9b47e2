// The lane's axis: seconds along the width, what to write on its ruler, and what hits snap to.

export const FRAMES = 24; // a second
export const HIGHEST = 1.2; // strength
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300];
const APART = 44; // px between two labels at least
export const ZOOM = { min: 1, px: 1200 }; // from the whole score to so many px a second

// What is shown without a written length: some room after the last event.
export function shownSeconds(score, drafted) {
  const last = Math.max(0, ...score.events.map((event) => event.time));
  return Math.max(score.seconds ?? Math.max(4, Math.ceil(last + 0.5)), last > (score.seconds ?? Infinity) ? last + 0.5 : 0, drafted);
}

// [{time, label}] for the part from `first` to `last` seconds at `scale` px a second
export function ruler(first, last, scale) {
  const step = STEPS.find((candidate) => candidate * scale >= APART) ?? STEPS.at(-1);
  const marks = [];
  for (let k = Math.max(0, Math.floor(first / step)); k * step <= last; k++) marks.push({ time: k * step, label: clock(k * step, step) });
  return marks;
}

function clock(time, step) {
  const shown = time < 60 ? time : time % 60;
  const seconds = step < 1 ? shown.toFixed(1) : shown.toFixed(0);
  if (!time) return "0 s";
  return time < 60 ? seconds : `${Math.floor(time / 60)}:${seconds.padStart(step < 1 ? 4 : 2, "0")}`;
}

// The nearest beat where a grid is laid, {start, beat} in seconds, else the nearest frame.
export function snapped(time, grid) {
  const { start, beat } = grid ?? { start: 0, beat: 1 / FRAMES };
  return start + Math.round((time - start) / beat) * beat;
}

// A beat from two hits or more: it starts on the first, and the interval to the second is one beat.
export function beatGrid(events) {
  const [first, second] = [...new Set(events.map((event) => event.time))].sort((a, b) => a - b);
  return second === undefined ? null : { start: first % (second - first), beat: second - first };
}

export function bounded(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

// To the millisecond, as it is written.
export function rounded(time) {
  return Math.round(time * 1000) / 1000;
}
