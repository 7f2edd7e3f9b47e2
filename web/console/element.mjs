import { html } from "../lib/dom.mjs";

// An element with classes (of phonofilm-console-...), attributes and children.
export function element(tag, name, attributes = {}, ...children) {
  const names = name && { class: name.split(" ").map((part) => `phonofilm-console-${part}`).join(" ") };
  return html(tag, { ...names, ...attributes }, ...children);
}

// A toggle button: `pressed(to)` is called with what it is to become.
export function toggle(name, label, text, pressed) {
  const button = element("button", name, { type: "button", "aria-label": label, "aria-pressed": false, title: label }, text);
  button.addEventListener("click", () => pressed(button.getAttribute("aria-pressed") !== "true"));
  return button;
}
