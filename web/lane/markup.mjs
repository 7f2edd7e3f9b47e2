// The elements of a lane.

import { html } from "../lib/dom.mjs";
import { TRACKS } from "./score_text.mjs";

export function make(tag, name, attributes = {}, ...children) {
  return html(tag, { ...(name && { class: `phonofilm-lane-${name}` }), ...attributes }, ...children);
}

function button(label, text, act) {
  const element = make("button", "button", { type: "button", title: label, "aria-label": label }, text);
  element.addEventListener("click", act);
  return element;
}

// -> {root, and the parts that change}. `act` names what the buttons do.
export function markup(act) {
  const draw = button("Draw: a press on an empty place writes a hit. Off: it selects", "Draw", act.draw);
  const snap = button("Snap to frames, or to the beat where one is laid (or hold Shift while dragging)", "Snap", act.snap);
  const beat = button("Lay a beat: the selected hits' first interval is one beat", "Beat", act.beat);
  const remove = button("Delete the selected hits (Delete)", "Delete", act.remove);
  const seconds = make("input", "seconds", { type: "number", min: 0.1, step: "any", placeholder: "auto", "aria-label": "Length of the score in seconds",
    title: "Length of the score in seconds. Empty: up to the last event" });
  const out = button("Zoom out (-)", "\u2212", () => act.zoom(1 / 1.5));
  const fit = button("Show the whole score (0)", "Fit", act.fit);
  const close = button("Zoom in (+)", "+", () => act.zoom(1.5));
  const bar = make("div", "bar", { role: "toolbar", "aria-label": "Score lane" }, draw, snap, beat, remove, make("span", "space"), make("label", "", {}, "Length ", seconds, " s"), out, fit, close);

  const marks = make("div", "ruler", { "aria-hidden": "true" });
  const tracks = TRACKS.map((track) => make("div", "track", { role: "group", tabindex: 0, "data-track": track }));
  const cursor = make("div", "cursor", { hidden: "" });
  const box = make("div", "box", { hidden: "" });
  const end = make("div", "end", { hidden: "" });
  const tip = make("div", "tip", { hidden: "" });
  const field = make("div", "field", {}, ...tracks, end, cursor, box, tip);
  const content = make("div", "content", {}, marks, field);
  const scroller = make("div", "scroller", { tabindex: -1 }, content);
  const names = make("div", "names", { "aria-hidden": "true" }, ...TRACKS.map((track) => make("span", "name", { "data-track": track }, track)));
  const body = make("div", "body", {}, names, scroller);

  const adopt = button("Write the drafted hits into the text", "Use draft", act.adopt);
  const drafted = make("span", "", {});
  const draft = make("div", "draft", { hidden: "" }, drafted, adopt);
  const errors = make("ul", "errors", { hidden: "", "aria-label": "Lines that cannot be read" });
  const status = make("div", "status", { role: "status" });
  const root = make("div", "root", { role: "group", "aria-label": "Score lane", "data-capture-wheel": "true" }, bar, body, draft, errors, status);
  root.classList.add("phonofilm-lane");
  return { root, draw, snap, beat, remove, seconds, marks, tracks, cursor, box, end, tip, field, content, scroller, adopt, draft, drafted, errors, status };
}
