import { app } from "../../scripts/app.js";
import { buildConsole } from "./console/console.mjs";
import { loadStyle } from "./lib/style.mjs";
import { recall } from "./lib/widget.mjs";

// Node id -> what builds its widget: (node) => void. One module a widget, in a folder of its own.
const BUILDERS = {
  PhonofilmMixStems: buildConsole,
};

app.registerExtension({
  name: "phonofilm",
  setup: loadStyle,
  nodeCreated(node) {
    BUILDERS[node.comfyClass]?.(node);
  },
  onNodeOutputsUpdated: (outputs) => recall(outputs),
});
