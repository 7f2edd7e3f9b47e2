// The server serves this file also where it could not load the nodes, for want of a package or of a newer Python.
export function sayWhereNodesAreMissing(app) {
  if ("PhonofilmSampler" in LiteGraph.registered_node_types) return;
  app.extensionManager.toast.add({
    severity: "error",
    summary: "Phonofilm",
    detail: "Its nodes could not be loaded. The server's log says in one line, beginning with Error while calling comfy_entrypoint, what to install.",
  });
}
