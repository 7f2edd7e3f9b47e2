import { api } from "../../../scripts/api.js";
import { attach, begin, end, follow, heard, named, set } from "../lib/widget.mjs";
import { Chart } from "./chart.mjs";
import { html, svg } from "../lib/dom.mjs";
import { Player } from "./player.mjs";
import { verdict } from "./verdict.mjs";
import { byHand, clock, ms } from "./words.mjs";

const KEY = "phonofilm_timeline"; // of the node's ui, and the widget's type
const WIDTH = 560;
const HEIGHT = 440;
const STILL = 3; // px within which a press on the sound row is a click
const PLAY = "M3 1.5L12 7L3 12.5Z";
const PAUSE = "M3 2H6V12H3ZM8 2H11V12H8Z";

export function buildTimeline(node) {
  new Timeline(node);
}

class Timeline {
  constructor(node) {
    this.node = node;
    this.value = 0; // of nudge_ms
    this.right = false; // whether the sound row is shown, and heard, where the offset output puts it
    this.time = 0;
    this.chart = new Chart();
    const video = html("video", { playsinline: "", preload: "auto", "aria-label": "What was measured" });
    video.muted = true;
    this.player = new Player(video, () => this.#moved());
    this.verdict = html("div", { role: "status" });
    this.output = html("div", { class: "output" });
    this.element = html("div", { class: "phonofilm-timeline", role: "group", "aria-label": "Sync timeline" },
      html("div", { class: "phonofilm-timeline-top" }, video, html("div", { class: "phonofilm-timeline-verdict" }, this.verdict, this.output)), this.chart.root, this.#bar());
    this.element.style.minHeight = `${HEIGHT}px`; // Nodes 2.0 goes by the element
    this.#listen();
    attach(node, KEY, this.element, () => HEIGHT);
    node.setSize([Math.max(node.size[0], WIDTH), node.computeSize()[1]]);
    new ResizeObserver(() => this.#draw()).observe(this.chart.root);
    heard(node, KEY, (result) => this.#show(result));
    follow(node, ["nudge_ms"], (nudge) => this.#follow(nudge));
    this.#show(null);
  }

  // ms by which the sound row stands later than it was heard.
  get move() {
    return this.right && this.result ? -((this.result.offset_ms ?? 0) + this.nudge) : 0;
  }

  get wired() {
    return this.node.inputs.some((input) => input.widget?.name === "nudge_ms" && input.link != null);
  }

  get nudge() {
    return this.wired ? (this.result?.nudge_ms ?? 0) : this.value;
  }

  #bar() {
    const button = (label, words, does, more = {}) => html("button", { type: "button", title: words, "aria-label": words, click: does, ...more }, label);
    this.playing = button(svg("svg", { viewBox: "0 0 14 14", width: 14, height: 14 }, svg("path", { d: PLAY })), "Play", () => this.#toggle());
    this.clock = html("span", { class: "clock" });
    this.asItIs = button("As it is", "Sound as it was measured", () => this.#view(false));
    this.putRight = button("Put right", "Sound as Shift Audio puts it by this offset", () => this.#view(true));
    this.hand = html("output", { class: "hand" });
    this.back = button("Reset", "Nudge 0: the measured offset alone", () => this.#step(0));
    const steps = [-10, -1, 1, 10].map((step) => {
      const label = step < 0 ? `\u25c2${-step}` : `${step}\u25b8`;
      return button(label, `Sound ${Math.abs(step)} ms ${step < 0 ? "earlier" : "later"}`, () => this.#step(this.nudge - step));
    });
    this.controls = [this.playing, this.asItIs, this.putRight];
    this.nudgers = [...steps, this.back];
    return html("div", { class: "phonofilm-timeline-bar" }, this.playing, this.clock, html("span", { class: "views", role: "group", "aria-label": "Sound row" }, this.asItIs, this.putRight),
      html("span", { class: "nudge", role: "group", "aria-label": "Nudge in milliseconds" }, html("span", { class: "faint" }, "nudge"), ...steps.slice(0, 2), this.hand, ...steps.slice(2), this.back));
  }

  #listen() {
    const { root, position, grip } = this.chart;
    const { video } = this.player;
    video.addEventListener("click", () => this.#toggle());
    video.addEventListener("error", () => this.#clip(null)); // a file of the temporary folder, gone with the server that made it
    const { onRemoved } = this.node;
    this.node.onRemoved = (...given) => {
      onRemoved?.apply(this.node, given);
      this.player.close();
    };
    for (const kind of ["pointerdown", "mousedown", "dblclick", "contextmenu"]) this.element.addEventListener(kind, (event) => event.stopPropagation());
    root.addEventListener("mousedown", (event) => event.preventDefault()); // which would take the focus away again
    root.addEventListener("pointerdown", (event) => this.#press(event));
    position.addEventListener("keydown", (event) => this.#key(event, 1 / (this.result?.rate ?? 24), (by) => this.#seek(this.time + by), () => this.#seek(0), () => this.#seek(this.result.seconds)));
    grip.addEventListener("keydown", (event) => this.#key(event, 1, (by) => this.#step(this.nudge - by), () => this.#step(0)));
  }

  // Arrows by one step, with Shift or the page keys by ten; up is later, as with any slider.
  #key(event, step, move, home, end) {
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    const does = steps ? () => move(steps * step * (event.shiftKey ? 10 : 1)) : event.key === "Home" ? home : event.key === "End" ? end : event.key === " " ? () => this.#toggle() : null;
    if (!does || !this.result || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }

  #press(event) {
    if (!this.result || event.button) return;
    const { root, position, grip } = this.chart;
    const from = this.chart.under(event);
    const nudge = this.nudge;
    let dragging = !from.onSound;
    (from.onSound ? grip : position).focus({ preventScroll: true });
    root.setPointerCapture(event.pointerId);
    begin();
    const drag = (moved) => {
      const to = this.chart.under(moved);
      dragging ||= Math.abs(moved.clientX - event.clientX) > STILL && !this.wired;
      if (!from.onSound) this.#seek(to.seconds);
      else if (dragging) this.#set(nudge - 1000 * (to.seconds - from.seconds));
    };
    const drop = (moved) => {
      root.removeEventListener("pointermove", drag);
      for (const kind of ["pointerup", "pointercancel"]) root.removeEventListener(kind, drop);
      end();
      if (!dragging && moved.type === "pointerup") this.#seek(from.seconds);
    };
    root.addEventListener("pointermove", drag);
    for (const kind of ["pointerup", "pointercancel"]) root.addEventListener(kind, drop);
    if (dragging) drag(event);
  }

  #step(value) {
    begin();
    this.#set(value);
    end();
  }

  #set(value) {
    if (this.wired) return;
    const { min, max } = named(this.node, "nudge_ms").options;
    set(this.node, "nudge_ms", Math.max(min, Math.min(max, Math.round(10 * value) / 10 + 0)));
  }

  #follow(nudge) {
    this.right ||= nudge !== this.value;
    this.value = nudge;
    this.element.classList.remove("glides");
    this.#place();
  }

  #view(right) {
    this.right = right;
    this.element.classList.add("glides");
    setTimeout(() => this.element.classList.remove("glides"), 400);
    this.#place();
  }

  #show(result) {
    this.result = result;
    this.time = 0;
    this.#clip(result?.clip);
    verdict(this.verdict, result);
    this.#draw();
  }

  #clip(clip) {
    this.clip = clip;
    this.element.classList.toggle("plays", !!clip);
    this.player.load(clip && api.apiURL(`/view?${new URLSearchParams(clip)}`));
    this.#say();
  }

  #draw() {
    this.chart.draw(this.result);
    this.#place();
  }

  #place() {
    this.chart.place(this.move);
    this.player.shift(this.move / 1000);
    this.chart.at(this.time);
    this.#say();
  }

  #seek(seconds) {
    this.time = Math.max(0, Math.min(this.result.seconds, seconds));
    if (this.clip) this.player.seek(this.time);
    this.chart.at(this.time);
    this.#sayTime();
  }

  #toggle() {
    if (!this.clip) return;
    if (this.player.playing) this.player.pause();
    else this.player.play();
  }

  #moved() {
    if (!this.clip) return;
    const now = this.player.playing;
    this.playing.querySelector("path").setAttribute("d", now ? PAUSE : PLAY);
    this.playing.setAttribute("aria-label", now ? "Pause" : "Play");
    if (!now && this.player.video.seeking) return;
    this.time = this.player.time;
    this.chart.at(this.time);
    this.#sayTime();
  }

  #say() {
    const { result, nudge } = this;
    const { position, grip, root } = this.chart;
    this.output.textContent = result && Math.abs(nudge) >= 0.05 ? `offset_ms ${ms((result.offset_ms ?? 0) + nudge)}: ${byHand(nudge)}` : "";
    this.element.classList.toggle("empty", !result);
    root.setAttribute("aria-label", result ? result.summary : "Nothing measured yet");
    for (const button of this.controls) button.disabled = !result || (button === this.playing && !this.clip);
    for (const button of this.nudgers) button.disabled = !result || this.wired || (button === this.back && nudge === 0);
    this.asItIs.setAttribute("aria-pressed", !this.right);
    this.putRight.setAttribute("aria-pressed", this.right);
    this.hand.textContent = this.wired ? "by wire" : Math.abs(nudge) < 0.05 ? "0.0 ms" : ms(nudge);
    this.hand.title = `nudge_ms: ${byHand(nudge)}`;
    const { min, max } = named(this.node, "nudge_ms").options;
    const slider = { "aria-valuemin": -max, "aria-valuemax": -min, "aria-valuenow": -nudge, "aria-valuetext": byHand(nudge), "aria-disabled": !result || this.wired };
    for (const [name, value] of Object.entries(slider)) grip.setAttribute(name, value);
    this.#sayTime();
  }

  #sayTime() {
    const { position } = this.chart;
    const end = this.result?.seconds ?? 0;
    this.clock.textContent = this.result ? clock(this.time) : "";
    const slider = { "aria-valuemin": 0, "aria-valuemax": end, "aria-valuenow": this.time.toFixed(3), "aria-valuetext": `${this.time.toFixed(2)} of ${end.toFixed(2)} seconds` };
    for (const [name, value] of Object.entries(slider)) position.setAttribute(name, value);
  }
}
