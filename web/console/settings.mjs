import { follow, named, set } from "../lib/widget.mjs";
import { AT_REST, STANDARD } from "./law.mjs";
import { parse, rewritten, writable } from "./more.mjs";

const KEYS = Object.keys(AT_REST);
const OTHERS = ["more", "duck_depth", "fade_in", "fade_out", "loudness"];

// The strips of Mix Stems, kept in the node's ordinary widgets.
export class Settings {
  constructor(node) {
    this.node = node;
  }

  // Calls `then` now and whenever one of them changes, by whomever.
  follow(then) {
    follow(this.node, [...STANDARD.flatMap((name) => KEYS.map((key) => `${name}_${key}`)), ...OTHERS], then);
  }

  // Names of the stems that have settings.
  get names() {
    return [...STANDARD, ...Object.keys(parse(this.value("more")))];
  }

  strip(name) {
    if (!STANDARD.includes(name)) return parse(this.value("more"))[name] ?? { ...AT_REST };
    return Object.fromEntries(KEYS.map((key) => [key, this.value(`${name}_${key}`)]));
  }

  // Whether a person can set it here: not where a wire does, or where the name cannot be written.
  open(name, key) {
    if (!STANDARD.includes(name)) return writable(name) && !this.wired("more");
    return !this.wired(`${name}_${key}`);
  }

  change(name, key, to) {
    if (STANDARD.includes(name)) set(this.node, `${name}_${key}`, to);
    else set(this.node, "more", rewritten(this.value("more"), name, key, to));
  }

  // What the node does to the mix and the console does not.
  get unheard() {
    return [
      this.value("duck_depth") > 0 && "ducking",
      (this.value("fade_in") > 0 || this.value("fade_out") > 0) && "fades",
      this.value("loudness") !== "off" && "loudness",
    ].filter(Boolean);
  }

  value(name) {
    return named(this.node, name).value;
  }

  wired(name) {
    return this.node.inputs?.some((input) => input.widget?.name === name && input.link != null);
  }
}
