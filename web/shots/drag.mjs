// Rows of the table by their handles, with a mouse, a pen or a finger.

export function drag(table) {
  const { body } = table;
  let held = null;

  const places = () => [...body.rows].map((row) => row.getBoundingClientRect());
  const placeAt = (y) => places().filter((rect) => y > rect.top + rect.height / 2).length;
  const mark = (place) => [...body.rows].forEach((row, index) => {
    row.classList.toggle("phonofilm-shots-before", place === index);
    row.classList.toggle("phonofilm-shots-after", place === index + 1 && index + 1 === body.rows.length);
    row.classList.toggle("phonofilm-shots-held", held?.index === index && place !== null);
  });
  const end = () => {
    held = null;
    mark(null);
  };

  body.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.target.matches(".phonofilm-shots-handle")) return;
    event.target.setPointerCapture(event.pointerId);
    held = { index: event.target.closest("tr").sectionRowIndex, y: event.clientY, place: null };
  });
  body.addEventListener("pointermove", (event) => {
    if (!held || (held.place === null && Math.abs(event.clientY - held.y) < 4)) return;
    held.place = placeAt(event.clientY);
    mark(held.place);
  });
  body.addEventListener("pointerup", () => {
    if (!held) return;
    const { index, place } = held;
    end();
    if (place === null) return;
    const to = place > index ? place - 1 : place;
    table.move(index, to);
    table.focus(to, -1);
  });
  body.addEventListener("pointercancel", end);
  body.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !held) return;
    event.stopPropagation();
    end();
  });
}
