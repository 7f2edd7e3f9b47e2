// One style sheet for all widgets; its colours are variables of the frontend's theme, so that dark and light follow.
export function loadStyle() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("../phonofilm.css", import.meta.url).href;
  document.head.append(link);
}
