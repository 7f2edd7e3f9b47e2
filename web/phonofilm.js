import { app } from "../../scripts/app.js";
import { loadStyle } from "./lib/style.mjs";
import { shotList } from "./shots/shots.mjs";

// Node id -> what builds its widget: (node) => void. One module a widget, in a folder of its own.
const BUILDERS = {
  PhonofilmShotList: shotList,
};

app.registerExtension({
  name: "phonofilm",
  setup: loadStyle,
  nodeCreated(node) {
    BUILDERS[node.comfyClass]?.(node);
  },
});
