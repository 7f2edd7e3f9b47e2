const MARGIN = 20; // px that the classic renderer takes from a DOM widget's height

// Puts `element` under the node's other widgets. `type` must be unique: the frontend gives some types to components of its own.
// Nothing of it is saved: what a person sets in it are values of the node's ordinary widgets.
export function attach(node, type, element, height) {
  element.classList.add("phonofilm");
  const room = () => height() + MARGIN;
  const widget = node.addDOMWidget(type, type, element, { serialize: false, hideOnZoom: false, getMinHeight: room });
  widget.serialize = false;
  return widget;
}

export function named(node, name) {
  return node.widgets.find((widget) => widget.name === name);
}

// Sets an ordinary widget as if a person had done so in the widget itself.
export function set(node, name, value) {
  const widget = named(node, name);
  if (widget.value === value) return;
  widget.value = value;
  widget.callback?.(value);
  node.graph?.setDirtyCanvas(true, true);
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
  const drawn = node.onDrawForeground;
  node.onDrawForeground = function (...given) {
    drawn?.apply(this, given);
    look();
  };
  requestAnimationFrame(look);
}

// Calls `then` with what the node's `ui` said under `key` after a run: plain JSON, in a list of one.
export function heard(node, key, then) {
  const executed = node.onExecuted;
  node.onExecuted = function (output) {
    executed?.call(this, output);
    if (output?.[key]) then(output[key][0]);
  };
}
