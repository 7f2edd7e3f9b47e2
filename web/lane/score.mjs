// The lane under the Score node's text.

import { app } from "../../../scripts/app.js";
import { attach, begin, end, follow, heard, named, set } from "../lib/widget.mjs";
import { Lane } from "./lane.mjs";

const DRAFT = "phonofilm_score"; // of the node's ui: the text of what was drafted
const HEIGHT = 250;
const views = new Map(); // Undo builds the nodes anew: how one is looked at outlives it.

export function scoreLane(node) {
  const lane = new Lane((text) => once(() => set(node, "text", text)), { zoom: 1, left: 0, draw: true, snap: false, grid: null });
  attach(node, "phonofilm_lane", lane.root, () => HEIGHT);
  let draft = null;
  const show = () => {
    lane.root.inert = node.inputs.some((input) => input.name === "text" && input.link != null); // then another node writes it
    lane.show(named(node, "text").value, draft);
  };
  follow(node, ["text"], () => {
    const key = `${node.graph.id} ${node.id}`;
    if (!views.has(key)) views.set(key, lane.view);
    lane.view = views.get(key);
    show();
  });
  heard(node, DRAFT, (text) => {
    draft = text;
    show();
  });
  const connected = node.onConnectionsChange;
  node.onConnectionsChange = function (...given) {
    connected?.apply(this, given);
    if (node.graph) show();
  };
  lane.root.addEventListener("wheel", (event) => {
    if (!event.defaultPrevented && !LiteGraph.vueNodesMode) app.canvas.processMouseWheel(event);
  });
}

// What `change` does is one step of undo; what was typed before it is another.
function once(change) {
  begin();
  end();
  begin();
  change();
  end();
}
