const WORST = "out of sync";

// Milliseconds with one decimal and a true minus; without its sign where the side is said in words.
export function ms(value) {
  return `${value < -0.05 ? "\u2212" : ""}${Math.abs(value).toFixed(1)} ms`;
}

export function side(value, late = "late", early = "early", none = "in time") {
  return Math.abs(value) < 0.05 ? none : value > 0 ? late : early;
}

// How far the sound row has been moved by hand: nudge_ms is what is added to the offset, so its sound goes the other way.
export function byHand(nudge) {
  return Math.abs(nudge) < 0.05 ? "not moved by hand" : `sound ${ms(Math.abs(nudge))} ${side(-nudge, "later", "earlier")} by hand`;
}

// `grades`: [name, ms early, ms late] as the node gives them, the best first.
export function gradeOf(grades, value) {
  return grades.find(([, early, late]) => -early <= value && value <= late)?.[0] ?? WORST;
}

export function className(grade) {
  return grade ? grade.replaceAll(" ", "-") : "no-grade";
}

export function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(2).padStart(5, "0")}`;
}
