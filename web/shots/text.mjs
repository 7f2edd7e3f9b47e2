// The text of Shot List as nodes/inputs/shots.py reads it: a shot a line, its cells apart by `|`.

export const COLUMNS = ["seconds", "picture", "dialogue", "music", "effects", "ambience"];
export const DITTO = '"';

// Text -> [{ raw, cells }] a line; cells are null for comments and empty lines.
export function read(text) {
  return text.split(/\r\n|\r|\n/).map((raw) => ({ raw, cells: raw.trim() && !raw.trim().startsWith("#") ? cellsOf(raw) : null }));
}

export function written(lines) {
  return lines.map((line) => line.raw).join("\n");
}

export function lineOf(cells) {
  const escaped = cells.map((cell) => cell.trim().replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|"));
  while (escaped.length > 1 && !escaped.at(-1)) escaped.pop();
  return { raw: escaped.map((cell) => (cell ? ` ${cell} ` : " ")).join("|").trim() || "|", cells: escaped.map((cell) => cell.replaceAll("\\|", "|")) };
}

function cellsOf(raw) {
  return raw.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

// The cells of each row with `"` as what it stands for; undefined where nothing is above it.
export function resolved(rows) {
  let above = [];
  return rows.map((cells) => (above = COLUMNS.map((_, index) => (cells[index] === DITTO && index ? above[index] : cells[index] ?? ""))));
}

export function secondsOf(cells) {
  return /^(\d+\.?\d*|\.\d+)$/.test(cells[0]) ? Number(cells[0]) : 0;
}

// What is wrong with a row and in which column, or null. `full` are its resolved cells.
export function faultOf(cells, full) {
  if (!secondsOf(cells)) return { column: 0, says: cells[0] ? `“${cells[0]}” is no number of seconds above 0` : "seconds are missing" };
  if (cells.length > COLUMNS.length) return { column: COLUMNS.length - 1, says: `${cells.length} columns are too many` };
  const column = full.indexOf(undefined);
  if (column > 0) return { column, says: `${COLUMNS[column]} is the same as above, but this is the first row` };
  return full.slice(1).some(Boolean) ? null : { column: 1, says: "nothing is seen or heard" };
}
