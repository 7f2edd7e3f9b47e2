"""Nodes that ComfyUI runs in the place of another."""
from comfy_execution.graph_utils import GraphBuilder


def subgraph_prefix(node: str) -> str:
    """What the ids of the nodes begin with that take the place of `node` in this call of it: no other call has them."""
    return GraphBuilder.alloc_prefix()
