// The shot list as a table: every cell can be written in, and rows are added, deleted and put in another order.

import { COLUMNS, DITTO, faultOf, lineOf, read, resolved, secondsOf, written } from "./text.mjs";
import { drag } from "./drag.mjs";

const HINTS = {
  seconds: "How long the shot is",
  picture: "What is seen",
  dialogue: "Who speaks, and how",
  music: "Music",
  effects: "Sounds of what happens",
  ambience: "The background",
};
const SAME = `; ${DITTO} alone is what the row above has`;

export class Table {
  // `write(text)` is called with what a person made of the text.
  constructor(write) {
    this.write = write;
    this.root = element("div", { className: "phonofilm-shots", role: "group", ariaLabel: "Shots" });
    const scroller = element("div", { className: "phonofilm-shots-scroller" });
    const table = element("table", {});
    const head = element("tr", {});
    head.append(element("th", { scope: "col", textContent: "shot" }));
    for (const name of COLUMNS) head.append(element("th", { scope: "col", textContent: name, title: HINTS[name], className: `phonofilm-shots-${name}` }));
    head.append(element("td", {}));
    this.body = element("tbody", {});
    table.append(element("thead", {}), this.body);
    table.tHead.append(head);
    scroller.append(table);
    const foot = element("div", { className: "phonofilm-shots-foot" });
    const add = element("button", { type: "button", textContent: "Add shot" });
    add.addEventListener("click", () => this.add(this.rows.length));
    this.total = element("output", { className: "phonofilm-shots-total" });
    foot.append(add, this.total, element("span", { className: "phonofilm-shots-same", textContent: `${DITTO} is what the row above has` }));
    this.root.append(scroller, foot);
    this.root.addEventListener("keydown", (event) => this.key(event));
    drag(this);
    this.text = null;
    this.show("");
  }

  get rows() {
    return this.lines.filter((line) => line.cells);
  }

  show(text) {
    if (text === this.text) return;
    this.text = text;
    this.lines = read(text);
    this.render();
  }

  // Puts rows, of which some may be new and some gone, into the places of those there were; comments stay where they are.
  replace(rows) {
    const places = this.lines.filter((line) => !line.cells || rows.includes(line));
    const left = this.standing(rows);
    this.lines = places.map((line) => (line.cells ? left.shift() : line));
    this.lines.splice(this.lines.findLastIndex((line) => line.raw.trim()) + 1, 0, ...left);
    this.render();
    this.send();
  }

  // The rows, the first of which says what was the same as above.
  standing(rows) {
    const [first, ...others] = rows;
    if (!first?.cells.includes(DITTO)) return [...rows];
    const full = resolved(this.rows.map((row) => row.cells))[this.rows.indexOf(first)];
    return [lineOf(first.cells.map((cell, index) => (index && cell === DITTO ? full[index] ?? "" : cell))), ...others];
  }

  send() {
    this.text = written(this.lines);
    this.write(this.text);
  }

  add(index) {
    const above = this.rows[index - 1]?.cells;
    const same = (name) => (above?.[COLUMNS.indexOf(name)] ? DITTO : "");
    const rows = this.rows;
    rows.splice(index, 0, lineOf([above ? above[0] : "3", "", "", same("music"), "", same("ambience")]));
    this.replace(rows);
    this.focus(index, 1);
  }

  remove(index) {
    this.replace(this.rows.filter((_, other) => other !== index));
    this.focus(Math.min(index, this.rows.length - 1), -1);
  }

  move(index, to) {
    const rows = this.rows;
    if (to < 0 || to >= rows.length || to === index) return;
    rows.splice(to, 0, ...rows.splice(index, 1));
    this.replace(rows);
  }

  // Into a column of a row; -1 is its handle.
  focus(index, column) {
    const row = this.body.rows[index];
    (row ? row.querySelectorAll("button, input, textarea")[column + 1] : this.root.querySelector(".phonofilm-shots-foot button")).focus({ preventScroll: false });
  }

  edit(index, column, value) {
    const row = this.rows[index];
    const cells = [...row.cells, ...COLUMNS.slice(row.cells.length).map(() => "")];
    cells[column] = value;
    Object.assign(row, lineOf(cells));
    this.check();
    this.send();
  }

  render() {
    this.body.replaceChildren(...this.rows.map((row, index) => this.rowOf(row, index)));
    this.check();
  }

  rowOf(row, index) {
    const out = element("tr", {});
    const shot = `shot ${index + 1}`;
    const handle = element("button", { type: "button", className: "phonofilm-shots-handle", textContent: index + 1, title: "Drag, or arrow up and down, to move; Delete deletes" });
    handle.setAttribute("aria-label", `Move ${shot} of ${this.rows.length}`);
    const first = element("th", { scope: "row" });
    first.append(handle, element("span", { className: "phonofilm-shots-start" }));
    out.append(first);
    COLUMNS.forEach((name, column) => {
      const cell = column ? element("textarea", { rows: 1 }) : element("input", { type: "text", inputMode: "decimal" });
      cell.value = row.cells[column] ?? "";
      cell.title = HINTS[name] + (column ? SAME : "");
      cell.ariaLabel = `${name}, ${shot}`;
      cell.spellcheck = false;
      cell.addEventListener("input", () => this.edit(index, column, cell.value));
      const place = element("td", {});
      place.append(cell);
      out.append(place);
    });
    const remove = element("button", { type: "button", textContent: "×", title: `Delete ${shot}`, ariaLabel: `Delete ${shot}` });
    remove.addEventListener("click", () => this.remove(index));
    const last = element("td", {});
    last.append(remove);
    out.append(last);
    return out;
  }

  // Says where each shot begins, how long all are, and what is wrong.
  check() {
    const rows = this.rows.map((row) => row.cells);
    const full = resolved(rows);
    let start = 0, wrong = null;
    rows.forEach((cells, index) => {
      const fault = faultOf(cells, full[index]);
      wrong ??= fault && `line ${this.lines.indexOf(this.rows[index]) + 1}: ${fault.says}`;
      const row = this.body.rows[index];
      row.querySelector(".phonofilm-shots-start").textContent = `${short(start)} s`;
      row.querySelectorAll("input, textarea").forEach((cell, column) => cell.setAttribute("aria-invalid", fault?.column === column));
      start += secondsOf(cells);
    });
    this.total.classList.toggle("phonofilm-shots-wrong", Boolean(wrong));
    this.total.value = `${rows.length} ${rows.length === 1 ? "shot" : "shots"}, ${short(start)} s${wrong ? `; ${wrong}` : ""}`;
  }

  key(event) {
    const row = event.target.closest("tbody tr");
    if (!row) return;
    const index = row.sectionRowIndex;
    const column = [...row.querySelectorAll("button, input, textarea")].indexOf(event.target) - 1;
    const onHandle = column < 0, way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (way && (onHandle || event.altKey)) {
      this.move(index, index + way);
      this.focus(Math.max(0, Math.min(index + way, this.rows.length - 1)), column);
    } else if (onHandle && (event.key === "Delete" || event.key === "Backspace")) {
      this.remove(index);
    } else if (event.key === "Enter" && event.target.matches("input, textarea") && !event.ctrlKey && !event.metaKey) {
      if (event.shiftKey) this.focus(Math.max(0, index - 1), column);
      else if (index + 1 < this.rows.length) this.focus(index + 1, column);
      else this.add(index + 1);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

function element(tag, settings) {
  return Object.assign(document.createElement(tag), settings);
}

function short(seconds) {
  return String(Math.round(seconds * 1000) / 1000);
}
