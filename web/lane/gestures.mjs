// Drawing, dragging and selecting with a mouse, a pen or a finger.

import { TRACKS } from "./score_text.mjs";
import { bounded, HIGHEST, rounded, snapped } from "./time.mjs";

const STILL = 4; // px that a press may move and still be a press
const OFF = 36; // px beyond the lane at which a dragged hit is let go
const HEAD = 12; // px above the highest hit

export function gestures(lane) {
  const { field, marks } = lane.parts;
  let act = null, presses = []; // the hits that were pressed last, -1 for an empty place

  const timeAt = (x) => {
    const rect = field.getBoundingClientRect();
    return bounded(((x - rect.left) / rect.width) * lane.seconds, 0, lane.seconds);
  };
  const rowAt = (y) => {
    const rects = lane.parts.tracks.map((track) => track.getBoundingClientRect());
    const row = rects.findIndex((rect) => y < rect.bottom);
    return row < 0 ? rects.length - 1 : row;
  };
  const strengthAt = (y, row) => {
    const track = lane.parts.tracks[row];
    const rect = track.getBoundingClientRect();
    const height = rect.height * (1 - HEAD / track.offsetHeight);
    return bounded(Math.round(((rect.bottom - y) / height) * HIGHEST * 20) / 20, 0.05, HIGHEST);
  };
  const snap = (event, time) => (event.shiftKey !== lane.view.snap ? snapped(time, lane.view.grid) : time);
  const isOff = (y) => {
    const rect = field.getBoundingClientRect();
    return y < rect.top - OFF || y > rect.bottom + OFF;
  };

  field.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || act) return;
    field.setPointerCapture(event.pointerId);
    const hit = event.target.closest(".phonofilm-lane-hit");
    presses = [presses.at(-1), hit ? Number(hit.dataset.index) : -1];
    const start = { x: event.clientX, y: event.clientY, time: timeAt(event.clientX), row: rowAt(event.clientY), id: event.pointerId, moved: false };
    if (hit) {
      act = { ...start, ...grab(event, Number(hit.dataset.index)) };
    } else if (event.shiftKey || !lane.view.draw) {
      if (!event.shiftKey) lane.select([]);
      act = { ...start, follow: box, end: () => {}, kept: lane.chosen() };
    } else {
      lane.select([]);
      act = { ...start, moved: true, follow: draw, end: () => lane.commit() };
      draw(event);
    }
  });

  field.addEventListener("pointermove", (event) => {
    lane.setCursor(timeAt(event.clientX));
    if (!act || event.pointerId !== act.id) return;
    if (!act.moved && Math.hypot(event.clientX - act.x, event.clientY - act.y) < STILL) return;
    if (!act.moved) act.axis = Math.abs(event.clientX - act.x) >= Math.abs(event.clientY - act.y) ? "time" : "strength";
    act.moved = true;
    act.follow(event);
  });

  field.addEventListener("pointerup", (event) => {
    if (!act || event.pointerId !== act.id) return;
    const done = act;
    clear();
    done.end(event, done);
  });
  field.addEventListener("pointercancel", drop);
  field.addEventListener("dblclick", (event) => {
    event.stopPropagation();
    const [first, second] = presses; // the first of a pair may have drawn the hit that the second is on
    presses = [];
    if (first === second && second >= 0) lane.remove([second]);
  });
  lane.root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !act) return;
    event.stopPropagation();
    drop();
  });
  marks.addEventListener("pointerdown", (event) => lane.setCursor(timeAt(event.clientX)));
  marks.addEventListener("pointermove", (event) => lane.setCursor(timeAt(event.clientX)));

  function clear() {
    act = null;
    lane.tip(null);
    lane.parts.box.hidden = true;
  }

  function drop() {
    if (!act) return;
    clear();
    lane.cancel();
  }

  function draw(event) {
    const row = rowAt(event.clientY);
    const made = { track: TRACKS[row], time: rounded(Math.min(snap(event, timeAt(event.clientX)), lane.limit())), strength: strengthAt(event.clientY, row) };
    lane.preview(new Map(), isOff(event.clientY) ? [] : [made]);
    lane.tip(made, isOff(event.clientY) ? "let go: nothing" : "");
  }

  function grab(event, index) {
    const toggles = event.shiftKey || event.ctrlKey || event.metaKey;
    const wasChosen = lane.selected.has(index);
    if (!wasChosen) lane.select(toggles ? [...lane.chosen(), index] : [index]);
    const end = (up, done) => {
      if (done.moved) return lane.commit();
      if (toggles) return wasChosen && lane.select(lane.chosen().filter((other) => other !== index));
      lane.select([index]);
    };
    return { index, follow: move, end };
  }

  // Along the lane it changes the time, up and down the strength, and in another track the track.
  function move(event) {
    const held = lane.score.events[act.index];
    if (isOff(event.clientY)) {
      lane.preview(new Map(lane.chosen().map((index) => [index, null])));
      lane.tip(held, "let go: deleted");
      return;
    }
    const row = rowAt(event.clientY);
    const seconds = act.axis === "time" ? snap(event, held.time + timeAt(event.clientX) - act.time) - held.time : 0;
    const strength = act.axis === "strength" && row === act.row ? strengthAt(event.clientY, row) - strengthAt(act.y, row) : 0;
    const changes = lane.moved({ seconds: held.time + seconds > lane.seconds ? lane.seconds - held.time : seconds, tracks: row - act.row, strength });
    lane.preview(changes);
    lane.tip(changes.get(act.index));
  }

  function box(event) {
    const [x0, x1] = [act.x, event.clientX].sort((a, b) => a - b).map(timeAt);
    const rows = [rowAt(act.y), rowAt(event.clientY)].sort();
    const { box } = lane.parts;
    box.hidden = false;
    box.style.setProperty("--t", x0);
    box.style.setProperty("--t1", x1);
    box.style.setProperty("--row", rows[0]);
    box.style.setProperty("--row1", rows[1] + 1);
    const within = lane.score.events.flatMap((hit, index) => {
      const row = TRACKS.indexOf(hit.track);
      return hit.time >= x0 && hit.time <= x1 && row >= rows[0] && row <= rows[1] ? [index] : [];
    });
    lane.select([...new Set([...act.kept, ...within])]);
  }
}
