import { app } from "../../../scripts/app.js";

const MARGIN = 20; // px that the classic renderer takes from a DOM widget's height
const LOOK = 200; // ms between two looks at the widgets that are followed

let made = 0;

// Puts `element` under the node's other widgets. `type` must be unique: the frontend gives some types to components of its own.
// Nothing of it is saved: what a person sets in it are values of the node's ordinary widgets.
export function attach(node, type, element, height) {
  element.classList.add("phonofilm");
  const room = () => height() + MARGIN;
  // Undo puts another node in a node's place: for a widget of the same type Nodes 2.0 would go on showing the element of the old one.
  const widget = node.addDOMWidget(type, `${type}-${++made}`, element, { serialize: false, hideOnZoom: false, getMinHeight: room });
  widget.serialize = false;
  return widget;
}

export function named(node, name) {
  return node.widgets.find((widget) => widget.name === name);
}

// Folds the advanced widgets of a node away in the classic renderer, as Nodes 2.0 does by itself; its menu has "Show Advanced".
// What a wire goes to stays.
export function fold(node) {
  for (const widget of node.widgets.filter((each) => each.options?.advanced)) {
    const wired = () => node.inputs.some((input) => input.widget?.name === widget.name && input.link != null);
    widget.advanced = true;
    Object.defineProperty(widget, "hidden", { get: () => !LiteGraph.vueNodesMode && !node.showAdvanced && !wired(), set: () => {}, configurable: true });
  }
}

// Sets an ordinary widget as if a person had done so in the widget itself.
export function set(node, name, value) {
  const widget = named(node, name);
  if (widget.value === value) return;
  widget.value = value;
  widget.callback?.(value);
  node.graph?.setDirtyCanvas(true, true);
}

// What is set between these two is one step for undo.
export function begin() {
  app.canvas.emitBeforeChange();
}

export function end() {
  app.canvas.emitAfterChange();
}

// Calls `then` with the value of a widget now and whenever it changes: by a person, undo, a loaded workflow or a script.
export function follow(node, names, then) {
  const read = () => names.map((name) => named(node, name).value);
  let last = null;
  const look = () => {
    if (!node.graph) return;
    const now = JSON.stringify(read());
    if (now !== last) {
      last = now;
      then(...read());
    }
  };
  const configured = node.onConfigure;
  node.onConfigure = function (...given) {
    configured?.apply(this, given);
    look();
  };
  for (const name of names) {
    const widget = named(node, name);
    const called = widget.callback;
    widget.callback = function (...given) {
      const answer = called?.apply(this, given);
      look();
      return answer;
    };
  }
  // A script sets a value without calling anything, and Nodes 2.0 draws nothing by which that would be seen.
  const timer = setInterval(look, LOOK);
  const removed = node.onRemoved;
  node.onRemoved = function (...given) {
    clearInterval(timer);
    removed?.apply(this, given);
  };
  requestAnimationFrame(look);
}

// Calls `then` with what the node's `ui` said under `key` after its last run: plain JSON, in a list of one. Undo and a change
// of workflow make nodes anew, and the frontend keeps for them what was said.
export function heard(node, key, then) {
  let last = null;
  const hear = (output) => {
    const said = output?.[key]?.[0];
    if (!said || JSON.stringify(said) === last) return;
    last = JSON.stringify(said);
    then(said);
  };
  const executed = node.onExecuted;
  node.onExecuted = function (output) {
    executed?.call(this, output);
    hear(output);
  };
  const kept = node.onKeptOutput;
  node.onKeptOutput = function (output) {
    kept?.call(this, output);
    hear(output);
  };
  requestAnimationFrame(() => recall(app.nodeOutputs, [node]));
}

// Tells nodes what the frontend has kept of their outputs.
export function recall(outputs, nodes = [app.rootGraph, ...app.rootGraph.subgraphs.values()].flatMap((graph) => graph.nodes)) {
  for (const node of nodes) {
    if (node.graph) node.onKeptOutput?.(outputs[node.graph.isRootGraph ? node.id : `${node.graph.id}:${node.id}`]);
  }
}
