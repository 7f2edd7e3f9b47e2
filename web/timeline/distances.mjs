import { svg } from "../lib/dom.mjs";
import { className, gradeOf, ms, side } from "./words.mjs";

const SCALES = [50, 100, 200, 500, 1000, 2500]; // ms up and down
const GAP = 12; // px above
const LEAST = 10; // px of a zone that has room for its name

// How far apart each pair is, over time, on the zones of the grades, with the measured offset and its interval; late is up.
// Returns what shows all of it with the sound `move` ms later.
export function drawDistances(chart, result) {
  const values = [75, ...result.pairs.map((pair) => pair.offset_ms), result.low_ms ?? 0, result.high_ms ?? 0].map(Math.abs);
  const reach = SCALES.find((scale) => scale >= Math.max(...values)) ?? SCALES.at(-1);
  const [left, right] = [chart.x(0), chart.x(result.seconds)];
  const [top, bottom] = [chart.floor + GAP, chart.bottom - 4];
  const y = (value) => (top + bottom) / 2 - (Math.max(-reach, Math.min(reach, value)) * (bottom - top)) / 2 / reach;
  const zones = [...result.grades].reverse().map(([name, early, late]) =>
    svg("rect", { class: `zone ${className(name)}`, x: left, width: right - left, y: y(late), height: y(-early) - y(late) }, svg("title", {}, name)));
  // On the side on which the dots are not.
  const away = result.offset_ms > 0 ? -1 : 1;
  const limits = [0, ...result.grades.map(([, early, late]) => away * (away > 0 ? late : early)), away * Infinity];
  const names = limits.slice(1).flatMap((limit, k) => {
    const [from, to] = [y(limits[k]), y(limit)];
    return Math.abs(to - from) < LEAST ? [] : [svg("text", { class: "zone-name", x: right - 4, y: (from + to) / 2 + 3.5, "text-anchor": "end" }, gradeOf(result.grades, limit))];
  });
  const ends = [reach, 0, -reach].map((value) =>
    svg("text", { class: "scale", x: left - 6, y: y(value) + (value ? Math.sign(value) * 4 : 0) + 3.5, "text-anchor": "end" }, value ? `${ms(Math.abs(value)).replace(".0", "")} ${side(value)}` : "in time"));
  const dots = result.pairs.map((pair) => svg("circle", { r: 3.5, cx: chart.x(pair.seen), "data-seconds": pair.seen, "data-ms": pair.offset_ms }, svg("title")));
  const interval = svg("rect", { class: "interval", x: left, width: right - left });
  const line = svg("line", { class: "measured", x1: left, x2: right });
  chart.root.append(svg("g", { class: "distances" }, svg("rect", { class: "plot", x: left, y: top, width: right - left, height: bottom - top }), ...zones,
    svg("line", { class: "zero", x1: left, x2: right, y1: y(0), y2: y(0) }), ...(result.offset_ms === null ? [] : [interval, line]), ...dots, ...names, ...ends));
  return (move) => {
    for (const [index, pair] of result.pairs.entries()) {
      const value = pair.offset_ms + move;
      dots[index].setAttribute("cy", y(value));
      dots[index].setAttribute("class", `dot ${className(gradeOf(result.grades, value))}`);
      dots[index].lastChild.textContent = `sound ${ms(Math.abs(value))} ${side(value)} at ${pair.seen.toFixed(2)} s`;
    }
    const [high, low] = [y(result.high_ms + move), y(result.low_ms + move)];
    interval.setAttribute("y", high);
    interval.setAttribute("height", Math.max(1, low - high));
    for (const end of ["y1", "y2"]) line.setAttribute(end, y(result.offset_ms + move));
  };
}
