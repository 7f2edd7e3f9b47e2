import { app } from "../../scripts/app.js";
import { api } from "../../scripts/api.js";
import { buildConsole } from "./console/console.mjs";
import { scoreLane } from "./lane/score.mjs";
import { applyLanguage, languageSetting } from "./lib/language.mjs";
import { sayWhereNodesAreMissing } from "./lib/missing.mjs";
import { loadStyle } from "./lib/style.mjs";
import { recall } from "./lib/widget.mjs";
import { shotList } from "./shots/shots.mjs";
import { buildTimeline } from "./timeline/timeline.mjs";

// Node id -> what builds its widget: (node) => void. One module a widget, in a folder of its own.
const BUILDERS = {
  PhonofilmScore: scoreLane,
  PhonofilmSyncMeter: buildTimeline,
  PhonofilmMixStems: buildConsole,
  PhonofilmShotList: shotList,
};

app.registerExtension({
  name: "phonofilm",
  settings: [languageSetting],
  init: () => applyLanguage(app, api),
  setup() {
    loadStyle();
    sayWhereNodesAreMissing(app);
  },
  nodeCreated(node) {
    BUILDERS[node.comfyClass]?.(node);
  },
  onNodeOutputsUpdated: (outputs) => recall(outputs),
});
