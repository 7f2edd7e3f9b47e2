"""The nodes of Phonofilm, in the order of the menu."""

from comfy_api.v0_0_2 import ComfyExtension, io

from .decode import PhonofilmDecode
from .edit import PhonofilmEdit, PhonofilmExtend
from .encode import PhonofilmEncode
from .latent import PhonofilmEmptyLatent
from .latent_files import PhonofilmLoadLatent, PhonofilmSaveLatent
from .latent_tools import PhonofilmBatchLatent, PhonofilmCutLatent, PhonofilmJoinLatent, PhonofilmPickLatent
from .load import PhonofilmLoadAV
from .loudness import PhonofilmLoudness
from .mix import PhonofilmMixStems
from .model import PhonofilmLoadModel
from .mux import PhonofilmMux
from .prompt import PhonofilmPrompt
from .sampler import PhonofilmSampler
from .score import PhonofilmScore
from .shift import PhonofilmShiftAudio
from .shots import PhonofilmShotList
from .split import PhonofilmSplitStems
from .sync import PhonofilmSyncMeter

NODES = [
    PhonofilmLoadModel,
    PhonofilmPrompt,
    PhonofilmScore,
    PhonofilmEmptyLatent,
    PhonofilmEncode,
    PhonofilmEdit,
    PhonofilmExtend,
    PhonofilmSampler,
    PhonofilmShotList,
    PhonofilmCutLatent,
    PhonofilmJoinLatent,
    PhonofilmBatchLatent,
    PhonofilmPickLatent,
    PhonofilmSaveLatent,
    PhonofilmLoadLatent,
    PhonofilmDecode,
    PhonofilmLoadAV,
    PhonofilmSplitStems,
    PhonofilmMixStems,
    PhonofilmLoudness,
    PhonofilmSyncMeter,
    PhonofilmShiftAudio,
    PhonofilmMux,
]


class PhonofilmExtension(ComfyExtension):
    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return NODES


async def comfy_entrypoint() -> PhonofilmExtension:
    return PhonofilmExtension()
