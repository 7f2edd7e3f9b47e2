// The lane by keyboard, clipboard and wheel.

import { rounded } from "./time.mjs";

const NEAR = 0.01, FAR = 0.1; // s
const QUIET = 400; // ms after the last turn of the wheel that its change is written

export function keys(lane) {
  const { root, scroller, seconds } = lane.parts;
  let turning = 0, open = false; // `open`: a key or the wheel has changed what is not yet written

  const hitOf = (element) => (element.classList.contains("phonofilm-lane-hit") ? Number(element.dataset.index) : -1);
  const now = () => lane.score.events.map((event, index) => lane.changes.get(index) ?? event);
  const change = (by) => {
    lane.preview(lane.moved(by, now()));
    open = true;
  };
  const settle = () => {
    clearTimeout(turning);
    if (open) lane.commit();
    open = false;
  };

  // A held key is one change: it is written when the key is let go.
  root.addEventListener("keydown", (event) => {
    if (event.target === seconds) return;
    const index = hitOf(event.target);
    const used = index >= 0 ? onHit(event, index) || onAny(event) : onTrack(event) || onAny(event);
    if (!used) return;
    event.preventDefault();
    event.stopPropagation();
  });
  root.addEventListener("keyup", settle);
  root.addEventListener("focusout", settle);
  root.addEventListener("focusin", (event) => {
    const index = hitOf(event.target);
    if (index >= 0 && !lane.selected.has(index)) lane.select([index]);
  });

  function onHit(event, index) {
    const step = event.shiftKey ? FAR : NEAR;
    const way = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (way) {
      if (!lane.selected.has(index)) lane.select([index]);
      const along = event.key === "ArrowLeft" || event.key === "ArrowRight";
      const by = along ? { seconds: way * step }
        : event.ctrlKey || event.metaKey ? { tracks: -way }
        : event.altKey ? { pitch: way * (event.shiftKey ? 12 : 1) }
        : { strength: way * (event.shiftKey ? 0.2 : 0.05) };
      change(by);
      lane.setCursor(lane.changes.get(index).time);
      return true;
    }
    if (event.key === "Delete" || event.key === "Backspace") {
      lane.remove(lane.chosen());
      return true;
    }
    if (event.key === " ") {
      lane.select(lane.selected.has(index) ? lane.chosen().filter((other) => other !== index) : [...lane.chosen(), index]);
      return true;
    }
    return false;
  }

  function onTrack(event) {
    if (!event.target.classList.contains("phonofilm-lane-track")) return false;
    const { track } = event.target.dataset;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      lane.setCursor((lane.cursor ?? 0) + (event.key === "ArrowRight" ? 1 : -1) * (event.shiftKey ? FAR : NEAR));
      lane.parts.status.textContent = `${lane.cursor} s`;
      return true;
    }
    if (event.key !== "Enter") return false;
    lane.preview(new Map(), [{ track, time: rounded(lane.cursor ?? 0), strength: 1 }]);
    lane.commit();
    return true;
  }

  function onAny(event) {
    if (event.target.tagName === "BUTTON") return false;
    if ((event.ctrlKey || event.metaKey) && event.key === "a") {
      lane.select(lane.score.events.keys());
      return true;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const zoom = { "+": 1.5, "=": 1.5, "-": 1 / 1.5, 0: 0 }[event.key];
    if (zoom !== undefined) lane.zoom(zoom);
    else if (event.key === "Escape" && lane.selected.size) lane.select([]);
    else return false;
    return true;
  }

  root.addEventListener("copy", (event) => copy(event));
  root.addEventListener("cut", (event) => copy(event) && lane.remove());
  root.addEventListener("paste", (event) => {
    if (event.target === seconds || !lane.paste(event.clipboardData.getData("text/plain"))) return;
    event.preventDefault();
    event.stopPropagation();
  });

  function copy(event) {
    if (event.target === seconds || !lane.selected.size) return false;
    event.clipboardData.setData("text/plain", lane.copied());
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  // As the frontend's own widgets do, the lane takes the wheel only while it has the focus.
  root.addEventListener("wheel", (event) => {
    if (!root.contains(document.activeElement)) return;
    const hit = event.target.closest(".phonofilm-lane-hit");
    if (event.ctrlKey || event.metaKey) {
      const rect = lane.parts.field.getBoundingClientRect();
      lane.zoom(Math.exp(-event.deltaY / 300), ((event.clientX - rect.left) / rect.width) * lane.seconds);
    } else if (hit && !event.shiftKey) {
      turn(Number(hit.dataset.index), event);
    } else {
      scroller.scrollLeft += event.deltaX || event.deltaY;
    }
    event.preventDefault();
    event.stopPropagation();
  }, { passive: false });

  function turn(index, event) {
    if (!lane.selected.has(index)) lane.select([index]);
    const way = event.deltaY < 0 ? 1 : -1;
    change(event.altKey ? { pitch: way } : { strength: way * 0.05 });
    clearTimeout(turning);
    turning = setTimeout(settle, QUIET);
  }
}
