import { begin, end } from "../lib/widget.mjs";

const PIXELS = 3; // that a pointer moves before it counts as a drag

// A slider for pointer and keys: `scale` has low, high, rest, step, page, `text(value)` and the travel `at(value)` -> 0..1 and
// `from(0..1)`. A drag moves it from where it is, with Shift a tenth as far; a double click or Delete puts it to rest.
// `change(value)` sets a widget; a drag is one step for undo.
export class Slider {
  constructor(label, scale, change, { vertical = false, className = "" } = {}) {
    Object.assign(this, { scale, change, vertical, value: scale.rest });
    this.element = document.createElement("div");
    this.element.className = `phonofilm-console-slider ${vertical ? "vertical" : "horizontal"} ${className}`;
    this.cap = document.createElement("div");
    this.cap.className = "phonofilm-console-cap";
    this.element.append(this.cap);
    const attributes = {
      role: "slider", tabindex: 0, "aria-label": label, "aria-orientation": vertical ? "vertical" : "horizontal",
      "aria-valuemin": scale.low, "aria-valuemax": scale.high,
    };
    for (const [name, value] of Object.entries(attributes)) this.element.setAttribute(name, value);
    this.element.addEventListener("pointerdown", (event) => this.#grab(event));
    this.element.addEventListener("dblclick", () => this.#once(scale.rest));
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.show(scale.rest);
  }

  show(value, open = true) {
    this.value = value;
    this.open = open;
    const place = this.scale.at(value);
    this.element.style.setProperty("--at", place);
    this.element.setAttribute("aria-valuenow", value);
    this.element.setAttribute("aria-valuetext", this.scale.text(value));
    this.element.setAttribute("aria-disabled", !open);
    this.element.title = open ? "" : "Set by a wire.";
  }

  #set(value) {
    const { low, high, step } = this.scale;
    const held = Math.min(Math.max(value, low), high);
    const round = Number((Math.round(held / step) * step).toFixed(3));
    if (round !== this.value) this.change(round);
  }

  #once(value) {
    if (!this.open) return;
    begin();
    this.#set(value);
    end();
  }

  #grab(event) {
    event.stopPropagation(); // the node would be dragged
    if (event.button !== 0 || !this.open) return;
    const { element, scale } = this;
    const box = element.getBoundingClientRect(); // as the canvas is zoomed
    const travel = this.vertical ? -box.height : box.width;
    const along = (pointer) => (this.vertical ? pointer.clientY : pointer.clientX);
    let last = along(event);
    let place = scale.at(this.value);
    let moved = 0;
    let dragging = false;
    const move = (pointer) => {
      const step = along(pointer) - last;
      last = along(pointer);
      moved += Math.abs(step);
      if (!dragging && moved < PIXELS) return;
      if (!dragging) begin();
      dragging = true;
      place = Math.min(Math.max(place + (step / travel) * (pointer.shiftKey ? 0.1 : 1), 0), 1);
      this.#set(scale.from(place));
    };
    element.setPointerCapture(event.pointerId);
    element.addEventListener("pointermove", move);
    element.addEventListener("lostpointercapture", () => {
      element.removeEventListener("pointermove", move);
      if (dragging) end();
    }, { once: true });
  }

  #key(event) {
    const { low, high, rest, step, page } = this.scale;
    const by = event.shiftKey ? step : this.scale.key;
    const to = {
      ArrowUp: this.value + by, ArrowRight: this.value + by, ArrowDown: this.value - by, ArrowLeft: this.value - by,
      PageUp: this.value + page, PageDown: this.value - page, Home: low, End: high, Delete: rest, Backspace: rest,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the canvas would move or delete the node
    this.#once(to);
  }
}

// The scale of a fader: 0 dB at three quarters, close to even in dB above -20.
const TAPER = [[-60, 0], [-50, 0.06], [-40, 0.14], [-30, 0.26], [-20, 0.42], [-10, 0.58], [-5, 0.66], [0, 0.75], [6, 0.875], [12, 1]];

function between(value, points, from, to) {
  const right = Math.max(1, points.findIndex((point) => point[from] >= value));
  const [a, b] = [points[right - 1], points[right]];
  return a[to] + ((value - a[from]) / (b[from] - a[from])) * (b[to] - a[to]);
}

export const GAIN = {
  low: -60, high: 12, rest: 0, step: 0.1, key: 0.5, page: 6,
  at: (value) => between(value, TAPER, 0, 1),
  from: (place) => between(place, TAPER, 1, 0),
  text: (value) => (value <= -60 ? "silent" : `${value.toFixed(1)} dB`),
};

export const PAN = {
  low: -1, high: 1, rest: 0, step: 0.01, key: 0.05, page: 0.25,
  at: (value) => (value + 1) / 2,
  from: (place) => 2 * place - 1,
  text: (value) => (value ? `${Math.round(100 * Math.abs(value))} % ${value < 0 ? "left" : "right"}` : "centre"),
};
