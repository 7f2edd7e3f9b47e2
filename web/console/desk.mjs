import { api } from "../../../scripts/api.js";
import { Picture } from "./picture.mjs";
import { Player } from "./player.mjs";

const LINGER = 2000; // ms that a desk whose node went away plays on, until undo or a reload has made the node anew

// The desks that play, by node: undo makes a node anew, and neither sound nor place may go with the old one.
const desks = new Map();

function urlOf({ filename, subfolder, type }) {
  return api.apiURL(`/view?${new URLSearchParams({ filename, subfolder, type })}`);
}

// A player of what a run gave, with its picture. `payload`: see nodes/inputs/console.py.
class Desk {
  constructor(payload) {
    this.player = new Player(payload, urlOf);
    this.picture = payload.picture && new Picture(this.player, urlOf(payload.picture.file), payload.picture.start);
  }

  close() {
    this.player.close();
    this.picture?.close();
  }
}

// As the frontend names nodes where it keeps outputs; a graph that was never saved gets its id with the first undo.
function placeOf(node) {
  return node.graph.isRootGraph ? `${node.id}` : `${node.graph.id}:${node.id}`;
}

// The desk of a node for a payload: the one it has, where the payload is the same.
export function deskOf(node, payload) {
  const place = placeOf(node);
  const said = JSON.stringify(payload);
  const held = desks.get(place);
  if (held && held.said === said) {
    held.node = node;
    return held.desk;
  }
  held?.desk.close();
  const desk = new Desk(payload);
  desks.set(place, { desk, said, node });
  return desk;
}

// To be called when a node goes away.
export function letGo(node) {
  for (const [place, held] of desks) {
    if (held.node !== node) continue;
    held.node = null;
    setTimeout(() => {
      if (held.node || desks.get(place) !== held) return;
      held.desk.close();
      desks.delete(place);
    }, LINGER);
  }
}
