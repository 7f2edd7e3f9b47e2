import { element } from "./element.mjs";

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800];
const TICKS = 8; // at most, on the ruler
const FULL = 1000; // full scale in an outline
const CURVE = 0.6; // power that lifts what is soft, so that it is seen

export function clock(seconds, places = 1) {
  const whole = Math.round(seconds * 10 ** places);
  const part = whole / 10 ** places;
  const minutes = Math.floor(part / 60);
  return `${minutes}:${(part - 60 * minutes).toFixed(places).padStart(places ? places + 3 : 2, "0")}`;
}

// The outlines of the stems over time, with the place that is played; a click, a drag or keys go elsewhere.
export class Lanes {
  constructor(seek) {
    this.seek = seek;
    this.seconds = 0;
    this.lanes = {};
    this.head = element("div", "head", { "aria-hidden": true });
    this.ruler = element("div", "ruler", { role: "slider", tabindex: 0, "aria-label": "Position", "aria-valuemin": 0 });
    this.rows = element("div", "rows");
    this.field = element("div", "field-of-time", {}, this.ruler, this.rows, this.head);
    this.element = element("div", "lanes", {}, this.field);
    this.field.addEventListener("pointerdown", (event) => this.#grab(event));
    this.ruler.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.draw()).observe(this.rows);
  }

  // `stems`: [{name, outline}, ...] with an outline of nodes/inputs/console.py where there was a run.
  fill(stems, seconds, colours) {
    this.seconds = seconds;
    this.lanes = Object.fromEntries(stems.map(({ name, outline }) => {
      const canvas = element("canvas", "wave", { "aria-hidden": true });
      const row = element("div", "lane", {}, canvas, element("span", "tag", {}, name));
      row.style.setProperty("--stem", colours[name]);
      return [name, { canvas, row, outline, delay: 0 }];
    }));
    this.rows.replaceChildren(...Object.values(this.lanes).map((lane) => lane.row));
    this.ruler.setAttribute("aria-valuemax", seconds.toFixed(2));
    this.ruler.setAttribute("aria-disabled", !seconds);
    this.#ticks();
    this.place(0);
  }

  // `audible`: names of the stems that are heard; `delays`: ms by name.
  set(audible, delays) {
    for (const [name, lane] of Object.entries(this.lanes)) {
      lane.row.classList.toggle("unheard", !audible.has(name));
      lane.delay = delays[name] / 1000;
    }
    this.draw();
  }

  place(seconds) {
    this.at = seconds;
    this.head.style.left = `${this.seconds ? (100 * seconds) / this.seconds : 0}%`;
    this.ruler.setAttribute("aria-valuenow", seconds.toFixed(2));
    this.ruler.setAttribute("aria-valuetext", `${clock(seconds)} of ${clock(this.seconds)}`);
  }

  draw() {
    const ratio = window.devicePixelRatio;
    for (const { canvas, outline, delay } of Object.values(this.lanes)) {
      const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
      Object.assign(canvas, { width, height });
      const paint = canvas.getContext("2d");
      const middle = height / 2;
      paint.fillStyle = getComputedStyle(canvas).color;
      paint.fillRect(0, Math.floor(middle), width, Math.max(1, Math.floor(ratio / 2)));
      if (!outline) continue;
      const columns = outline.length / 2;
      const shift = (delay / this.seconds) * width;
      const tall = (value) => Math.sign(value) * Math.min(Math.abs(value) / FULL, 1) ** CURVE * middle;
      for (let x = 0; x < width; x++) {
        const from = Math.floor(((x - shift) / width) * columns);
        const to = Math.max(from + 1, Math.floor(((x + 1 - shift) / width) * columns));
        if (from < 0 || from >= columns) continue;
        let [low, high] = [Infinity, -Infinity];
        for (let k = from; k < Math.min(to, columns); k++) {
          low = Math.min(low, outline[2 * k]);
          high = Math.max(high, outline[2 * k + 1]);
        }
        paint.fillRect(x, middle - tall(high), 1, Math.max(ratio / 2, tall(high) - tall(low)));
      }
    }
  }

  #ticks() {
    const step = STEPS.find((each) => this.seconds / each <= TICKS) ?? 3600;
    const ticks = [];
    for (let k = 0; this.seconds && k * step < this.seconds; k++) {
      const room = this.seconds - k * step > step / 2; // for the words
      const tick = element("span", "tick", { "aria-hidden": true }, room ? clock(k * step, step < 1 ? 1 : 0) : "");
      tick.style.left = `${(100 * k * step) / this.seconds}%`;
      ticks.push(tick);
    }
    this.ruler.replaceChildren(...ticks);
  }

  #grab(event) {
    event.stopPropagation(); // the node would be dragged
    if (event.button !== 0 || !this.seconds) return;
    const box = this.field.getBoundingClientRect();
    const go = (pointer) => this.seek(Math.min(Math.max((pointer.clientX - box.left) / box.width, 0), 1) * this.seconds);
    this.field.setPointerCapture(event.pointerId);
    this.field.addEventListener("pointermove", go);
    this.field.addEventListener("lostpointercapture", () => this.field.removeEventListener("pointermove", go), { once: true });
    go(event);
  }

  #key(event) {
    const fine = event.shiftKey ? 0.01 : 0.1;
    const to = {
      ArrowRight: this.at + fine, ArrowUp: this.at + fine, ArrowLeft: this.at - fine, ArrowDown: this.at - fine,
      PageUp: this.at + 1, PageDown: this.at - 1, Home: 0, End: this.seconds,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey || !this.seconds) return;
    event.preventDefault();
    event.stopPropagation();
    this.seek(to);
  }
}
