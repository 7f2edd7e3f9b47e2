"""The separator under ComfyUI's model management."""
import functools

import comfy.model_management as management
import comfy.model_patcher
import comfy.ops

from ...models.stems import loading
from .folders import separator_path

SECOND = 100 * 2**20  # bytes that a second of stereo takes on its way through


def load_separator(name: str):
    """The Engine of a name of `separator_names`; its network is on the device when it is called."""
    path = separator_path(name)
    patcher = _patcher(path, path.stat().st_mtime_ns)

    def forward(wave):
        seconds = wave.shape[0] * wave.shape[-1] / 48000
        management.load_models_gpu([patcher], memory_required=int(seconds * SECOND))
        return patcher.model(wave.to(patcher.load_device))

    return loading.engine_of(patcher.model, forward)


@functools.lru_cache(maxsize=1)
def _patcher(path, _changed):
    network = loading.load(path, comfy.ops.disable_weight_init)
    return comfy.model_patcher.ModelPatcher(network, load_device=management.get_torch_device(), offload_device=management.unet_offload_device())
