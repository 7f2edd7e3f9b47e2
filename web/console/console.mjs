import { attach, fold, heard } from "../lib/widget.mjs";
import { deskOf, letGo } from "./desk.mjs";
import { element, toggle } from "./element.mjs";
import { clock, Lanes } from "./lanes.mjs";
import { factors, STANDARD } from "./law.mjs";
import { Meter } from "./meter.mjs";
import { Settings } from "./settings.mjs";
import { scale, Strip } from "./strip.mjs";

const LANE = 34; // px, as in the style sheet
const BELOW = 426; // px of everything but lanes and picture
const PICTURE = 190;
const WIDTH = 520;

export function buildConsole(node) {
  new Console(node);
}

class Console {
  constructor(node) {
    this.node = node;
    this.settings = new Settings(node);
    this.strips = {};
    this.lanes = new Lanes((seconds) => this.desk?.player.seek(seconds));
    this.screen = element("div", "screen");
    this.master = new Meter("master");
    this.#transport();
    this.desks = element("div", "strips", { role: "group", "aria-label": "Strips" });
    this.note = element("div", "note", { role: "status" });
    this.element = element("div", "", { role: "group", "aria-label": "Stem console" },
      this.screen, this.transport, this.lanes.element,
      element("div", "desk", {}, this.desks, element("div", "strip master", { role: "group", "aria-label": "Master" },
        element("div", "name", {}, "master"), element("div", "row"), element("div", "pan"), this.master.number,
        element("div", "throw", {}, scale(), this.master.canvas), element("div", "unit", {}, "dBFS"))),
      this.note);
    this.element.classList.add("phonofilm-console");
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.changed = () => this.#playing();
    this.failed = ({ detail }) => this.#say(detail.name === "NotSupportedError" ? `This browser does not play sound of ${this.payload.rate} Hz.`
      : "The stems of the last run are gone. Run the node again to hear them.");
    this.widget = attach(node, "phonofilm_console", this.element, () => this.height);
    this.#lay(null);
    fold(node);
    node.setSize([Math.max(node.size[0], WIDTH), node.computeSize()[1]]);
    this.settings.follow(() => this.#show());
    heard(node, "phonofilm_console", (payload) => this.#load(payload));
    const removed = node.onRemoved;
    node.onRemoved = (...given) => {
      removed?.apply(node, given);
      this.#leave();
      letGo(node);
    };
  }

  get height() {
    return BELOW + LANE * Object.keys(this.strips).length + (this.payload?.picture ? PICTURE : 0);
  }

  #load(payload) {
    this.#leave();
    this.payload = payload;
    this.desk = deskOf(this.node, payload);
    this.widget.player = this.desk.player; // for scripts
    this.widget.picture = this.desk.picture;
    this.screen.replaceChildren(...(this.desk.picture ? [this.desk.picture.video] : []));
    this.desk.player.addEventListener("change", this.changed);
    this.desk.player.addEventListener("fault", this.failed);
    this.#lay(payload);
    this.node.setSize([this.node.size[0], Math.max(this.node.size[1], this.node.computeSize()[1])]);
    this.#playing();
  }

  #leave() {
    this.desk?.player.removeEventListener("change", this.changed);
    this.desk?.player.removeEventListener("fault", this.failed);
    cancelAnimationFrame(this.frame);
    this.frame = null;
  }

  // Strips and lanes for the stems of a run; before any, for those that have settings.
  #lay(payload) {
    const stems = payload?.stems ?? this.settings.names.map((name) => ({ name }));
    const colours = Object.fromEntries(stems.map(({ name }, place) => [name, STANDARD.includes(name) ? `var(--${name})` : `oklch(var(--stem-light) 0.12 ${(90 + 137 * place) % 360})`]));
    this.strips = Object.fromEntries(stems.map(({ name }) => [name, new Strip(name, this.settings)]));
    for (const [name, strip] of Object.entries(this.strips)) strip.element.style.setProperty("--stem", colours[name]);
    this.desks.replaceChildren(...Object.values(this.strips).map((strip) => strip.element));
    this.element.style.minHeight = `${this.height}px`; // Nodes 2.0 goes by the element
    this.lanes.fill(stems, payload ? payload.samples / payload.rate : 0, colours);
    this.#show();
  }

  #show() {
    if (!this.payload && this.settings.names.join("\n") !== Object.keys(this.strips).join("\n")) {
      this.#lay(null);
      return;
    }
    const names = Object.keys(this.strips);
    const strips = Object.fromEntries(names.map((name) => [name, this.settings.strip(name)]));
    const gains = factors(strips, this.payload?.stems[0].channels ?? 2);
    const delays = Object.fromEntries(names.map((name) => [name, strips[name].delay]));
    const audible = new Set(names.filter((name) => gains[name].some(Boolean)));
    for (const name of names) this.strips[name].show(strips[name], audible.has(name));
    this.lanes.set(audible, delays);
    this.desk?.player.set(gains, delays);
    const unheard = this.settings.unheard;
    this.#say(!this.payload ? "Run the node to hear the stems here."
      : unheard.length ? `Not heard here: ${unheard.join(", ")}. The node applies ${unheard.length > 1 || unheard[0] === "fades" ? "them" : "it"} when it runs.` : "");
  }

  #say(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  #transport() {
    const start = element("button", "start", { type: "button", "aria-label": "To the start", title: "To the start" });
    start.addEventListener("click", () => this.desk?.player.seek(0));
    this.play = toggle("play", "Play", "", () => this.#toggle());
    this.loop = toggle("loop", "Loop", "", (to) => this.desk?.player.repeat(to));
    this.time = element("output", "time", { "aria-label": "Time", "aria-live": "off" });
    this.sync = element("span", "sync", { title: "How far the picture is behind the sound, measured on what is shown" });
    this.transport = element("div", "transport", { role: "toolbar", "aria-label": "Transport" }, start, this.play, this.loop, this.time, this.sync);
    this.buttons = [start, this.play, this.loop];
    this.#times(0);
  }

  #toggle() {
    const { player } = this.desk ?? {};
    if (player?.playing) player.pause();
    else player?.play();
  }

  #key(event) {
    if (event.key !== " " || event.target.closest("button, input")) return;
    event.preventDefault();
    event.stopPropagation();
    this.#toggle();
  }

  #playing() {
    const { player } = this.desk;
    for (const button of this.buttons) button.disabled = false;
    this.play.setAttribute("aria-pressed", player.playing);
    this.play.title = player.playing ? "Pause" : "Play";
    this.loop.setAttribute("aria-pressed", player.loop);
    this.frame ??= requestAnimationFrame((now) => this.#tick(now));
  }

  // As long as something moves.
  #tick(now) {
    this.frame = null;
    const { player, picture } = this.desk;
    picture?.follow();
    // Meters ask for their size; after the head has moved that would cost a layout of its own.
    const peaks = player.peaks();
    const lit = Object.entries(peaks.strips).map(([name, values]) => this.strips[name].meter.show(values, now));
    lit.push(this.master.show(peaks.sum, now));
    const place = player.at();
    this.lanes.place(place);
    this.#times(place);
    if (player.playing || lit.some(Boolean)) this.frame = requestAnimationFrame((later) => this.#tick(later));
  }

  #times(place) {
    for (const button of this.buttons) button.disabled = !this.desk;
    this.time.textContent = `${clock(place, 2)} / ${clock(this.lanes.seconds, 2)}`;
    const behind = this.desk?.picture?.behind ?? null;
    this.sync.textContent = behind === null ? "" : `picture ${behind < 0 ? "−" : "+"}${Math.abs(behind).toFixed(0)} ms`;
  }
}
