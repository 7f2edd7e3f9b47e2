import { element } from "./element.mjs";
import { GAIN } from "./slider.mjs";

export const FLOOR = -60;
const TOP = 6;
const FALL = 12; // dB a second that a bar falls by
const HOLD = 1500; // ms that its highest stays
const SAY = 200; // ms between two values for a screen reader, and between two looks at the theme, which cost more than a drawing

export function decibels(peak) {
  return peak > 0 ? 20 * Math.log10(peak) : -Infinity;
}

export function told(level) {
  return level < FLOOR ? "silent" : `${level.toFixed(1)} dB`;
}

// Bars of sample peaks in dBFS on the scale of the fader beside them, with the highest held, and a number that keeps it until a click.
export class Meter {
  constructor(label) {
    this.label = label;
    this.bars = [];
    this.most = -Infinity;
    this.said = -Infinity;
    this.canvas = element("canvas", "bars", {
      role: "meter", "aria-label": `${label} level`, "aria-valuemin": FLOOR, "aria-valuemax": TOP,
    });
    this.number = element("button", "peak", { type: "button" });
    this.number.addEventListener("click", () => this.forget());
    this.forget();
    this.#say(-Infinity);
  }

  forget() {
    this.most = -Infinity;
    this.#number();
  }

  // `peaks`: one a channel, full scale 1, at `now` in ms. Returns whether something is still to be seen.
  show(peaks, now) {
    const before = this.now ?? now;
    this.now = now;
    this.bars = peaks.map((peak, channel) => {
      const bar = this.bars[channel] ?? { level: -Infinity, held: -Infinity, since: 0 };
      const level = decibels(peak);
      const fallen = Math.max(level, bar.level - (FALL * (now - before)) / 1000);
      const holds = fallen < bar.held && now - bar.since < HOLD;
      return { level: fallen < FLOOR ? -Infinity : fallen, held: holds ? bar.held : fallen, since: holds ? bar.since : now };
    });
    const highest = Math.max(-Infinity, ...peaks.map(decibels));
    if (highest > this.most + 0.05) {
      this.most = highest;
      this.#number();
    }
    if (now - this.said > SAY) {
      this.said = now;
      this.#say(highest);
      const shades = getComputedStyle(this.canvas);
      this.shades = ["--level-low", "--level-middle", "--level-high"].map((name) => shades.getPropertyValue(name));
    }
    this.#draw();
    return this.bars.some((bar) => bar.held > FLOOR);
  }

  #number() {
    this.number.textContent = this.most < FLOOR ? "−∞" : this.most.toFixed(1).replace("-", "−");
    this.number.classList.toggle("over", this.most > 0);
    this.number.setAttribute("aria-label", `${this.label}: highest peak ${told(this.most)}; press to forget it`);
    this.number.title = `Highest peak, dBFS${this.most > 0 ? ": over full scale" : ""}. Click to forget it.`;
  }

  #say(level) {
    this.canvas.setAttribute("aria-valuenow", Math.max(level, FLOOR).toFixed(1));
    this.canvas.setAttribute("aria-valuetext", told(level));
  }

  #draw() {
    const { canvas, bars } = this;
    const ratio = window.devicePixelRatio;
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const paint = canvas.getContext("2d");
    paint.clearRect(0, 0, width, height);
    const [low, middle, high] = this.shades;
    const at = (level) => height * (1 - GAIN.at(Math.min(Math.max(level, FLOOR), GAIN.high)));
    const gap = ratio;
    const wide = (width - gap * (bars.length - 1)) / bars.length;
    bars.forEach(({ level, held }, channel) => {
      const left = channel * (wide + gap);
      for (const [from, to, shade] of [[FLOOR, -12, low], [-12, 0, middle], [0, GAIN.high, high]]) {
        if (level <= from) break;
        paint.fillStyle = shade;
        const top = at(Math.min(level, to));
        paint.fillRect(left, top, wide, at(from) - top);
      }
      if (held > FLOOR) {
        paint.fillStyle = held > 0 ? high : held > -12 ? middle : low;
        paint.fillRect(left, at(held), wide, 2 * ratio);
      }
    });
  }
}
