import { svg } from "../lib/dom.mjs";
import { drawDistances } from "./distances.mjs";
import { className, gradeOf, ms, side } from "./words.mjs";

const LEFT = 76; // px beside the time that is shown, for names
const RIGHT = 12;
const NAME = 4; // px from the edge to the names
const RULER = 20;
const DIAMOND = "M0-6L5 0L0 6L-5 0Z";
const DISC = "M-5 0A5 5 0 1 1 5 0A5 5 0 1 1-5 0Z";
const MARK = 9; // px that a mark reaches into its lane

// The lanes: what is seen above, what is heard below, what belongs together between them, and how far apart it is.
export class Chart {
  constructor() {
    this.root = svg("svg", { class: "phonofilm-timeline-chart", role: "group" });
    this.position = svg("rect", { class: "area", tabindex: 0, role: "slider", "aria-label": "Position in the clip" });
    this.grip = svg("rect", { class: "area grip", tabindex: 0, role: "slider", "aria-label": "Nudge: the sound row against the picture row" });
    this.head = svg("g", { class: "head" }, svg("path", { d: "M-5 0H5V7L0 12L-5 7Z" }), svg("line", { y1: 8 }));
    this.result = null;
  }

  get width() {
    return this.root.clientWidth - LEFT - RIGHT;
  }

  x(seconds) {
    return LEFT + (this.width * seconds) / this.result.seconds;
  }

  // Seconds under a pointer, and whether it is on the sound row. The canvas may show all of this larger or smaller.
  under(event) {
    const box = this.root.getBoundingClientRect();
    const scale = this.root.clientWidth / box.width;
    const y = (event.clientY - box.top) * scale;
    return { seconds: ((event.clientX - box.left) * scale - LEFT) / this.width * this.result.seconds, onSound: y > this.heard - 14 && y < this.floor };
  }

  draw(result) {
    this.result = result;
    if (!this.root.clientWidth || !this.root.clientHeight) return;
    const room = this.root.clientHeight - RULER;
    this.seen = RULER + 0.27 * room;
    this.heard = this.seen + 0.17 * room;
    this.floor = this.heard + 0.22 * room;
    this.bottom = this.root.clientHeight;
    this.#area(this.position, 0, this.seen);
    this.#area(this.grip, this.heard - 12, this.floor);
    this.root.replaceChildren(this.position, this.grip);
    for (const y of [this.seen, this.heard]) this.root.append(svg("line", { class: "base", x1: LEFT, x2: LEFT + this.width, y1: y, y2: y }));
    const names = svg("g", { class: "names" }, svg("rect", { width: LEFT - 6, y: this.seen, height: this.floor - this.seen }),
      this.#name("seen", (RULER + this.seen) / 2, DIAMOND), this.#name("heard", (this.heard + this.floor) / 2, DISC));
    this.root.append(names);
    if (!result) return;
    this.#ruler();
    this.links = result.pairs.map((pair) => this.#link(pair));
    const [seen, heard] = ["seen", "heard"].map((how) => new Set(result.pairs.map((pair) => pair[how])));
    this.row = svg("g", { class: "row" }, this.#hill("level", result.sound_seconds, this.heard, this.floor - this.heard - 2), ...result.heard.map((onset) => this.#onset(onset, heard)));
    // What is moved beyond the beginning goes behind the names.
    this.root.append(this.#hill("motion", result.picture_seconds, this.seen, RULER - this.seen + 4), ...this.links,
      ...result.seen.map((event) => this.#event(event, seen)), this.row, names);
    this.distances = drawDistances(this, result);
    this.head.lastChild.setAttribute("y2", this.bottom);
    this.root.append(this.head);
  }

  // Shows the sound row `move` ms later than it is.
  place(move) {
    if (!this.row) return;
    this.row.setAttribute("transform", `translate(${(this.width * move) / 1000 / this.result.seconds} 0)`);
    this.row.dataset.moved = move;
    for (const [index, pair] of this.result.pairs.entries()) {
      const [a, b] = [this.x(pair.seen), this.x(pair.heard + move / 1000)];
      const [top, end] = [this.seen + MARK, this.heard - MARK];
      const left = pair.offset_ms + move;
      const link = this.links[index];
      link.firstChild.setAttribute("d", `M${a} ${top}C${a} ${(top + end) / 2} ${b} ${(top + end) / 2} ${b} ${end}`);
      link.setAttribute("class", `link ${className(gradeOf(this.result.grades, left))}`);
      link.lastChild.textContent = `sound ${ms(Math.abs(left))} ${side(left)}`;
    }
    this.distances(move);
  }

  at(seconds) {
    if (this.result) this.head.setAttribute("transform", `translate(${this.x(seconds)} 0)`);
  }

  #area(rectangle, top, bottom) {
    for (const [name, value] of Object.entries({ x: LEFT - 6, y: top, width: this.width + 12, height: Math.max(0, bottom - top), rx: 4 })) rectangle.setAttribute(name, value);
  }

  #name(words, y, shape) {
    return svg("g", { class: `name ${words}`, transform: `translate(${NAME} ${y})` },
      svg("path", { d: shape, transform: "translate(5 0)" }), svg("text", { x: 15, y: 4 }, words));
  }

  #ruler() {
    const { seconds } = this.result;
    const least = (seconds * 48) / this.width;
    const power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= least);
    const ruler = svg("g", { class: "ruler" });
    for (let k = 0; k * step <= seconds + 1e-9; k++) {
      const x = this.x(k * step);
      ruler.append(svg("line", { x1: x, x2: x, y1: RULER - 6, y2: RULER }));
      if (x < LEFT + this.width - 24) ruler.append(svg("text", { x: x + 3, y: RULER - 7 }, `${+(k * step).toFixed(6)}${k ? "" : " s"}`));
      for (let part = 1; part < 5 && (k + part / 5) * step <= seconds; part++) {
        const between = this.x((k + part / 5) * step);
        ruler.append(svg("line", { class: "fine", x1: between, x2: between, y1: RULER - 3, y2: RULER }));
      }
    }
    this.root.append(ruler);
  }

  #hill(name, seconds, base, height) {
    const values = this.result[name];
    const points = values.map((value, k) => `${this.x(((k + 0.5) * seconds) / values.length).toFixed(1)} ${(base + height * value).toFixed(1)}`);
    return svg("path", { class: `hill ${name}`, d: `M${this.x(0)} ${base}L${points.join("L")}L${this.x(seconds)} ${base}Z` });
  }

  #link(pair) {
    return svg("g", { "data-seen": pair.seen, "data-heard": pair.heard, "data-ms": pair.offset_ms }, svg("path"), svg("title"));
  }

  // Diamonds; those with a partner are filled, the others hollow on a dashed stem.
  #event(event, matched) {
    const alone = matched.has(event.time) ? "matched" : "alone";
    return svg("g", { class: `mark seen ${alone}`, "data-seconds": event.time, transform: `translate(${this.x(event.time)} ${this.seen})` },
      svg("line", { y1: RULER + 4 - this.seen, y2: 0 }), svg("path", { d: DIAMOND }),
      svg("title", {}, `${event.kind} seen at ${event.time.toFixed(3)} s${alone === "alone" ? ", nothing heard with it" : ""}`));
  }

  // Discs, the larger the louder.
  #onset(onset, matched) {
    const alone = matched.has(onset.time) ? "matched" : "alone";
    return svg("g", { class: `mark heard ${alone}`, "data-seconds": onset.time, transform: `translate(${this.x(onset.time)} ${this.heard})` },
      svg("line", { y1: 0, y2: this.floor - this.heard - 2 }), svg("circle", { r: 3 + 2.5 * Math.sqrt(Math.min(1, onset.strength)) }),
      svg("title", {}, `heard at ${onset.time.toFixed(3)} s${alone === "alone" ? ", nothing seen with it" : ""}`));
  }
}
