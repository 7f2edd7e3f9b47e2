"""ComfyUI's progress bar, and the names of its samplers."""
import comfy.model_management
import comfy.samplers
import comfy.utils


class Progress:
    """The bar on the node that runs. `update(i)`: i of `total` steps are done; raises ComfyUI's exception on cancel."""

    def __init__(self, total: int):
        self.bar = comfy.utils.ProgressBar(total)

    def update(self, done: int):
        # The bar throttles what it sends and looks for a cancel only when it sends.
        comfy.model_management.throw_exception_if_processing_interrupted()
        self.bar.update_absolute(done)


def sampler_names() -> list[str]:
    return list(comfy.samplers.SAMPLER_NAMES)


def scheduler_names() -> list[str]:
    return list(comfy.samplers.SCHEDULER_NAMES)
