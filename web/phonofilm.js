import { app } from "../../scripts/app.js";
import { scoreLane } from "./lane/score.mjs";
import { loadStyle } from "./lib/style.mjs";
import { recall } from "./lib/widget.mjs";
import { buildTimeline } from "./timeline/timeline.mjs";

// Node id -> what builds its widget: (node) => void. One module a widget, in a folder of its own.
const BUILDERS = {
  PhonofilmScore: scoreLane,
  PhonofilmSyncMeter: buildTimeline,
};

app.registerExtension({
  name: "phonofilm",
  setup: loadStyle,
  nodeCreated(node) {
    BUILDERS[node.comfyClass]?.(node);
  },
  onNodeOutputsUpdated: (outputs) => recall(outputs),
});
