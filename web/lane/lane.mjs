// The score as three tracks of hits: what it shows, what is selected, and the changes that a person makes.

import { gestures } from "./gestures.mjs";
import { keys } from "./keys.mjs";
import { make, markup } from "./markup.mjs";
import { rewrite, written } from "./rewrite.mjs";
import { isEmpty, noteName, parse, TRACKS } from "./score_text.mjs";
import { beatGrid, bounded, FRAMES, HIGHEST, rounded, ruler, shownSeconds, ZOOM } from "./time.mjs";

const LABEL = 20; // px that a label of the ruler takes

export class Lane {
  // `write(text)` is called with what a person made of the text; `view` keeps what is not part of the score, {zoom, left, draw, snap, grid}.
  constructor(write, view) {
    this.write = write;
    this.view = view;
    this.selected = new Set();
    this.changes = new Map();
    this.added = [];
    this.hits = [];
    this.ghosts = [];
    this.drafted = null;
    this.parts = markup({
      draw: () => this.toggle("draw"), snap: () => this.toggle("snap"), beat: () => this.layBeat(), remove: () => this.remove(),
      zoom: (factor) => this.zoom(factor), fit: () => this.zoom(0), adopt: () => this.write(this.drafted),
    });
    this.parts.seconds.addEventListener("change", () => this.setSeconds());
    this.parts.scroller.addEventListener("scroll", () => this.scrolled());
    new ResizeObserver(() => this.layOut()).observe(this.parts.scroller);
    gestures(this);
    keys(this);
    this.show("");
  }

  get root() {
    return this.parts.root;
  }

  // The text that is played, and the draft of the last run, which only counts while the text is empty.
  show(text, draft = null) {
    this.text = text;
    this.score = parse(text);
    this.drafted = draft !== null && isEmpty(text) ? draft : null;
    this.changes.clear();
    this.added = [];
    this.selected = new Set([...this.selected].filter((index) => index < this.score.events.length));
    this.render();
    this.layOut();
  }

  // The events as they would be after the change at hand; null where one is being deleted.
  get events() {
    return [...this.score.events.map((event, index) => (this.changes.has(index) ? this.changes.get(index) : event)), ...this.added];
  }

  chosen() {
    return [...this.selected].filter((index) => this.score.events[index]);
  }

  limit() {
    return this.score.seconds ?? Infinity;
  }

  select(indices) {
    this.selected = new Set(indices);
    this.render();
  }

  preview(changes, added = []) {
    this.changes = changes;
    this.added = added;
    this.render();
  }

  cancel() {
    this.preview(new Map());
  }

  // Writes what was previewed, in one step of undo.
  commit() {
    const { changes, added } = this;
    for (const [index, event] of changes) {
      const old = this.score.events[index];
      if (event && event.track === old.track && event.time === old.time && event.strength === old.strength && event.pitch === old.pitch) changes.delete(index);
    }
    this.cancel();
    if ((!changes.size && !added.length) || this.score.broken) return;
    const kept = [...changes.values()].includes(null) ? [] : [...this.selected];
    this.write(rewrite(this.text, this.score, { changes, added }));
    if (added.length) {
      const lines = added.map(written);
      const events = this.score.events;
      this.select(events.map((_, index) => index).filter((index) => lines.includes(written(events[index]))));
      this.hits[Math.max(...this.selected)]?.focus({ preventScroll: true });
    } else {
      this.select(kept);
    }
  }

  remove(indices = this.chosen()) {
    if (!indices.length) return;
    const held = this.root.contains(document.activeElement);
    this.preview(new Map(indices.map((index) => [index, null])));
    this.commit();
    if (held) (this.hits[Math.min(indices[0], this.hits.length - 1)] ?? this.parts.tracks[0]).focus({ preventScroll: true });
  }

  // The chosen hits moved by so many seconds, tracks, strengths and semitones; together they stay within the score.
  moved({ seconds = 0, tracks = 0, strength = 0, pitch = 0 }, from = this.score.events) {
    const chosen = this.chosen();
    const times = chosen.map((index) => from[index].time);
    const rows = chosen.map((index) => TRACKS.indexOf(from[index].track));
    const by = bounded(seconds, -Math.min(...times), Math.max(this.limit(), ...times) - Math.max(...times));
    const down = bounded(tracks, -Math.min(...rows), TRACKS.length - 1 - Math.max(...rows));
    return new Map(chosen.map((index) => {
      const event = from[index];
      const changed = { ...event, time: by ? rounded(event.time + by) : event.time, track: TRACKS[TRACKS.indexOf(event.track) + down] };
      if (strength) changed.strength = Math.round(bounded(event.strength + strength, 0, HIGHEST) * 100) / 100;
      if (pitch && event.track === "music") changed.pitch = bounded(Math.round(event.pitch ?? 69) + (event.pitch == null ? 0 : pitch), 0, 127);
      return [index, changed];
    }));
  }

  copied() {
    return this.chosen().map((index) => this.score.events[index]).sort((a, b) => a.time - b.time).map(written).join("\n");
  }

  // Hits from lines of the score, the first of them at the cursor.
  paste(lines) {
    const { events } = parse(lines);
    if (!events.length) return false;
    const by = (this.cursor ?? 0) - Math.min(...events.map((event) => event.time));
    const placed = events.map(({ part, ...event }) => ({ ...event, time: rounded(event.time + by) })).filter((event) => event.time <= this.limit());
    this.preview(new Map(), placed);
    this.commit();
    return true;
  }

  setSeconds() {
    const given = Number(this.parts.seconds.value);
    if (!this.score.broken) this.write(rewrite(this.text, this.score, { seconds: given > 0 ? given : null }));
  }

  toggle(name) {
    this.view[name] = !this.view[name];
    this.render();
  }

  layBeat() {
    this.view.grid = this.view.grid ? null : beatGrid(this.chosen().map((index) => this.score.events[index]));
    this.render();
  }

  setCursor(time) {
    this.cursor = rounded(bounded(time, 0, Math.min(this.limit(), this.seconds)));
    this.parts.cursor.hidden = false;
    this.parts.cursor.style.setProperty("--t", this.cursor);
  }

  // `factor` 0 shows the whole; `at` is the time that stays where it is.
  zoom(factor, at = this.cursor ?? this.seconds / 2) {
    const { scroller } = this.parts;
    const before = at * this.scale - scroller.scrollLeft;
    this.view.zoom = bounded(this.view.zoom * factor, ZOOM.min, Math.max(ZOOM.min, (ZOOM.px * this.seconds) / this.width));
    this.layOut();
    scroller.scrollLeft = at * this.scale - before;
  }

  scrolled() {
    this.view.left = this.parts.scroller.scrollLeft / this.scale;
    this.drawRuler();
  }

  layOut() {
    const { root, scroller } = this.parts;
    if (!scroller.clientWidth) return;
    this.width = scroller.clientWidth - 12;
    this.scale = (this.view.zoom * this.width) / this.seconds;
    root.style.setProperty("--second", `${this.scale}px`);
    root.style.setProperty("--seconds", this.seconds);
    root.style.setProperty("--frame", `${this.scale / FRAMES}px`);
    root.classList.toggle("phonofilm-lane-fine", this.scale / FRAMES >= 3);
    scroller.scrollLeft = this.view.left * this.scale;
    this.drawRuler();
  }

  drawRuler() {
    const { scroller, marks } = this.parts;
    const first = scroller.scrollLeft / this.scale;
    marks.replaceChildren(...ruler(first, Math.min(this.seconds, first + scroller.clientWidth / this.scale), this.scale).map(({ time, label }) => {
      const mark = make("span", "mark", {}, (this.seconds - time) * this.scale < LABEL ? "" : label);
      mark.style.setProperty("--t", time);
      return mark;
    }));
  }

  render() {
    const { parts, score, events } = this;
    const draft = this.drafted === null ? null : parse(this.drafted);
    const seconds = shownSeconds({ seconds: score.seconds, events: score.events }, draft?.length ?? 0);
    if (seconds !== this.seconds) {
      this.seconds = seconds;
      this.layOut();
    }
    events.forEach((event, index) => this.renderHit(index, event));
    this.hits.splice(events.length).forEach((hit) => hit.remove());
    this.ghosts.splice(0).forEach((ghost) => ghost.remove());
    for (const event of draft?.events ?? []) this.ghosts.push(this.place(make("div", "ghost", { "aria-hidden": "true" }), event));
    this.renderTracks(events);
    this.renderMessages(draft, events);
    this.renderBar();
  }

  renderHit(index, event) {
    const hit = (this.hits[index] ??= make("div", "hit", { role: "slider", tabindex: 0, "aria-orientation": "horizontal", "aria-valuemin": 0 }, make("span", "head"), make("span", "pitch")));
    const shown = event ?? this.score.events[index];
    hit.dataset.index = index;
    hit.classList.toggle("phonofilm-lane-off", event === null);
    hit.classList.toggle("phonofilm-lane-chosen", this.selected.has(index));
    hit.classList.toggle("phonofilm-lane-late", shown.time > this.limit());
    hit.setAttribute("aria-label", `${shown.track} hit`);
    hit.setAttribute("aria-valuemax", this.seconds);
    hit.setAttribute("aria-valuenow", shown.time);
    hit.setAttribute("aria-valuetext", describe(shown) + (this.selected.has(index) ? ", selected" : ""));
    hit.lastChild.textContent = pitchOf(shown);
    this.place(hit, shown);
  }

  place(element, event) {
    if (!element.isConnected) this.parts.field.insertBefore(element, this.parts.end);
    element.dataset.track = event.track;
    element.style.setProperty("--row", TRACKS.indexOf(event.track));
    element.style.setProperty("--t", event.time);
    element.style.setProperty("--strength", event.strength / HIGHEST);
    return element;
  }

  renderTracks(events) {
    TRACKS.forEach((track, row) => {
      const count = events.filter((event) => event?.track === track).length;
      this.parts.tracks[row].setAttribute("aria-label", `${track}, ${count} ${count === 1 ? "hit" : "hits"}. Arrows move the cursor, Enter writes a hit there`);
    });
  }

  renderMessages(draft, events) {
    const { parts, score } = this;
    parts.draft.hidden = !draft;
    if (draft) parts.drafted.textContent = `Drafted for this run, not written: ${counted(draft.events.length)} in ${rounded(draft.length)} s`;
    parts.errors.hidden = !score.errors.length;
    parts.errors.replaceChildren(...score.errors.map((error) => make("li", "", {}, error.message)));
    const chosen = this.chosen().map((index) => events[index]).filter(Boolean);
    const tells = chosen.length === 1 ? `${chosen[0].track} ${describe(chosen[0])}` : chosen.length ? `${counted(chosen.length)} selected` : draft ? "" : summary(score, isEmpty(this.text));
    if (parts.status.textContent !== tells) parts.status.textContent = tells;
  }

  renderBar() {
    const { parts, score, view } = this;
    for (const name of ["draw", "snap"]) parts[name].setAttribute("aria-pressed", view[name]);
    parts.beat.setAttribute("aria-pressed", Boolean(view.grid));
    const grid = view.grid ?? beatGrid(this.chosen().map((index) => score.events[index]));
    parts.beat.disabled = !grid;
    parts.beat.textContent = view.grid ? `${rounded(60 / view.grid.beat).toFixed(1)} bpm` : "Beat";
    parts.root.classList.toggle("phonofilm-lane-beats", Boolean(view.grid));
    parts.root.style.setProperty("--beat", view.grid?.beat ?? 1);
    parts.root.style.setProperty("--beat-start", view.grid?.start ?? 0);
    parts.remove.disabled = !this.chosen().length;
    if (document.activeElement !== parts.seconds) parts.seconds.value = score.seconds === null ? "" : String(rounded(score.seconds));
    parts.end.hidden = score.seconds === null || score.seconds >= this.seconds;
    parts.end.style.setProperty("--t", score.seconds ?? 0);
  }

  tip(event, more = "") {
    const { tip } = this.parts;
    tip.hidden = !event;
    if (!event) return;
    tip.textContent = more || `${event.time.toFixed(3)} s \u00b7 frame ${Math.floor(event.time * FRAMES + 1e-6)} \u00b7 ${event.strength.toFixed(2)}${pitchOf(event) && ` \u00b7 ${pitchOf(event)}`}`;
    tip.style.setProperty("--t", event.time);
    tip.classList.toggle("phonofilm-lane-flip", event.time > this.view.left + this.width / this.scale / 2);
    tip.style.setProperty("--row", TRACKS.indexOf(event.track));
  }
}

function pitchOf(event) {
  return event.track === "music" && event.pitch != null ? noteName(event.pitch) : "";
}

function describe(event) {
  return `${rounded(event.time)} s, strength ${event.strength}${pitchOf(event) && `, ${pitchOf(event)}`}`;
}

function counted(count) {
  return `${count} ${count === 1 ? "hit" : "hits"}`;
}

function summary(score, empty) {
  if (empty) return "Empty: the model drafts the score. Press on a track to write a hit";
  return `${counted(score.events.length)} in ${rounded(score.length)} s`;
}
