import { html } from "../lib/dom.mjs";
import { className, ms, side } from "./words.mjs";

const EMPTY = "Run the workflow: what is seen to happen, what is heard, and how far apart they are will be drawn here, to play and to nudge.";

// The number and how sure it is, or why there is none.
export function verdict(element, result) {
  if (!result) return element.replaceChildren(html("p", { class: "calm" }, EMPTY));
  const known = result.offset_ms !== null;
  const grade = className(result.grade);
  const matched = `${result.matched} matched of ${result.seen.length} seen and ${result.heard.length} heard`;
  element.replaceChildren(
    html("div", { class: `number ${grade}` }, known ? ms(Math.abs(result.offset_ms)) : "no number", html("span", {}, known ? ` sound ${side(result.offset_ms)}` : "")),
    html("div", { class: "sure" }, ...(known ? [html("b", { class: `grade ${grade}` }, result.grade), ` 95 %: ${ms(result.low_ms)} to ${ms(result.high_ms)}`] : [result.reason])),
    html("div", { class: "matched" }, matched + (result.period_ms ? `; whole beats of ${result.period_ms.toFixed(0)} ms away fit too` : "")));
}
