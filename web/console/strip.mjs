import { begin, end } from "../lib/widget.mjs";
import { element, toggle } from "./element.mjs";
import { AT_REST } from "./law.mjs";
import { Meter } from "./meter.mjs";
import { GAIN, PAN, Slider } from "./slider.mjs";

const MARKS = [12, 6, 0, -5, -10, -20, -30, -40, -60];
const DELAY_MOST = 10000;

// The numbers beside a fader or a meter.
export function scale(marks = MARKS) {
  const named = (mark) => (mark === -60 ? "−∞" : mark > 0 ? `+${mark}` : String(mark).replace("-", "−"));
  const lines = marks.map((mark) => {
    const line = element("span", mark ? "mark" : "mark zero", {}, named(mark));
    line.style.setProperty("--at", GAIN.at(mark));
    return line;
  });
  return element("div", "scale", { "aria-hidden": true }, ...lines);
}

// One channel strip. `settings` is where its values are; what it shows comes by `show`.
export class Strip {
  constructor(name, settings) {
    Object.assign(this, { name, settings });
    const change = (key) => (value) => settings.change(name, key, value);
    const step = (key, value) => {
      begin();
      settings.change(name, key, value);
      end();
    };
    this.gain = new Slider(`${name} gain`, GAIN, change("gain"), { vertical: true });
    this.pan = new Slider(`${name} pan`, PAN, change("pan"));
    this.mute = toggle("mute", `Mute ${name}`, "M", (to) => step("mute", to));
    this.solo = toggle("solo", `Solo ${name}`, "S", (to) => step("solo", to));
    this.level = number(`${name} gain in dB`, (value) => step("gain", Math.min(Math.max(value, GAIN.low), GAIN.high)));
    this.delay = number(`${name} delay in milliseconds`, (value) => step("delay", Math.min(Math.max(value, -DELAY_MOST), DELAY_MOST)));
    this.side = element("span", "side", { "aria-hidden": true });
    this.meter = new Meter(name);
    this.element = element("div", "strip", { role: "group", "aria-label": `${name} strip` },
      element("div", "name", { title: name }, name),
      element("div", "row", {}, this.mute, this.solo),
      element("div", "pan", {}, this.pan.element, this.side),
      this.meter.number,
      element("div", "throw", {}, this.gain.element, scale(), this.meter.canvas),
      element("label", "field", { title: "Gain; a double click on the fader resets it" }, this.level, "dB"),
      element("label", "field", { title: "Delay; below 0 is earlier" }, this.delay, "ms"));
  }

  // `strip`: its values; `audible`: whether it is heard.
  show(strip, audible) {
    const open = (key) => this.settings.open(this.name, key);
    this.gain.show(strip.gain, open("gain"));
    this.pan.show(strip.pan, open("pan"));
    this.side.textContent = strip.pan ? `${strip.pan < 0 ? "L" : "R"}${Math.round(100 * Math.abs(strip.pan))}` : "C";
    for (const [key, button] of [["mute", this.mute], ["solo", this.solo]]) {
      button.setAttribute("aria-pressed", strip[key]);
      button.disabled = !open(key);
    }
    fill(this.level, strip.gain <= GAIN.low ? "−∞" : strip.gain.toFixed(1).replace("-", "−"), open("gain"));
    fill(this.delay, String(Number(strip.delay.toFixed(1))).replace("-", "−"), open("delay"));
    this.delay.classList.toggle("set", strip.delay !== AT_REST.delay);
    this.element.classList.toggle("unheard", !audible);
  }
}

// A field for a number to a tenth; what is no number leaves it as it was.
function number(label, change) {
  const input = element("input", "number", { type: "text", inputmode: "decimal", "aria-label": label, spellcheck: false });
  input.addEventListener("pointerdown", (event) => event.stopPropagation());
  input.addEventListener("focus", () => input.select());
  input.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the canvas has keys of its own
    if (event.key === "Escape") input.value = input.shown;
    if (event.key === "Enter" || event.key === "Escape") input.blur();
  });
  input.addEventListener("blur", () => {
    const text = input.value.trim().replace("−", "-").replace(",", ".");
    const value = text === "-∞" ? -Infinity : Number(text);
    if (input.value !== input.shown && text && !Number.isNaN(value)) change(Math.round(10 * value) / 10);
    input.value = input.shown;
  });
  return input;
}

function fill(input, text, open) {
  input.shown = text;
  if (document.activeElement !== input) input.value = text;
  input.disabled = !open;
}
