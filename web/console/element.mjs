// An element with classes (of phonofilm-console-...), attributes and children.
export function element(tag, name, attributes = {}, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = name.split(" ").map((part) => `phonofilm-console-${part}`).join(" ");
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A toggle button: `pressed(to)` is called with what it is to become.
export function toggle(name, label, text, pressed) {
  const button = element("button", name, { type: "button", "aria-label": label, "aria-pressed": false, title: label }, text);
  button.addEventListener("click", () => pressed(button.getAttribute("aria-pressed") !== "true"));
  return button;
}
