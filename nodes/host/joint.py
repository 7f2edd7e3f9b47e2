"""Which of ComfyUI's models make picture and sound together."""
import comfy.model_base

from ...models.joint.grids import H3, LTX, STARTER, Grid
from .starter import StarterModel

GRIDS = {StarterModel: STARTER, comfy.model_base.LTXAV: LTX, comfy.model_base.MiniMaxH3: H3}


def model_grid(model) -> Grid:
    """The grid of a MODEL. Raises ValueError for one that does not make picture and sound together."""
    grid = GRIDS.get(type(model.model))
    if grid is None:
        raise ValueError(f"model is {type(model.model).__name__}, which does not make picture and sound together: connect the starter, LTX-2 or MiniMax H3, or use KSampler.")
    return grid
