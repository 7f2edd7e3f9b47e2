import { attach, follow, set } from "../lib/widget.mjs";
import { Table } from "./table.mjs";

const HEIGHT = 260, WIDTH = 760; // px

// The table under Shot List's text: what is written in the one is in the other.
export function shotList(node) {
  const table = new Table((text) => set(node, "text", text));
  attach(node, "PHONOFILM_SHOTS", table.root, () => HEIGHT);
  follow(node, ["text"], (text) => table.show(text));
  const connected = node.onConnectionsChange;
  node.onConnectionsChange = function (...given) {
    connected?.apply(this, given);
    table.root.inert = this.inputs.some((input) => input.widget?.name === "text" && input.link != null);
  };
  node.setSize([Math.max(WIDTH, node.size[0]), node.computeSize()[1]]);
}
