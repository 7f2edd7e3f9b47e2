import logging

from comfy_api.v0_0_2 import io

from .types import Stems

STEMS = (
    ("dialogue", "Every human voice act: speech, laughs, screams, whispers."),
    ("music", "Score and source music: what is pitched or rhythmic."),
    ("effects", "Events of up to about 3 s."),
    ("ambience", "Beds (rain, wind, room tone, crowd, traffic), and whatever the other three leave."),
)


class PhonofilmSplitStems(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        from . import host

        return io.Schema(
            node_id="PhonofilmSplitStems",
            display_name="Split Stems",
            category="Phonofilm",
            description="Splits any sound into dialogue, music, effects and ambience that sum to it, at its own rate and channel count and of any length.",
            search_aliases=["phonofilm", "source separation", "demix", "demucs", "vocal remover", "isolate dialogue", "remove music", "stems", "unmix"],
            inputs=[
                io.Audio.Input("audio", optional=True, tooltip="The sound to split: any rate, any number of channels; a batch is split clip by clip. Either this or a video."),
                io.Combo.Input("model_name", options=host.separator_names(), tooltip="stems is the separator that comes with the pack. Others are files in ComfyUI's checkpoints folder: separators trained with the pack's recipe, or hdemucs_high_trained.pt of torchaudio, whose vocals become dialogue and whose drums, bass and other become music."),
                io.Video.Input("video", optional=True, tooltip="A video whose sound is split, where no audio is connected. Its pictures are not looked at."),
            ],
            outputs=[
                Stems.Output("stems", tooltip="The four stems; their sum is the sound."),
                *(io.Audio.Output(name, tooltip=tip) for name, tip in STEMS),
            ],
        )

    @classmethod
    def execute(cls, audio=None, model_name="", video=None) -> io.NodeOutput:
        from . import host
        from .inputs.film import sound_of
        from ..media.waveforms import tidy
        from ..models.stems.separation import separate

        if (audio is None) == (video is None):
            raise ValueError("Connect either audio or a video to Split Stems; a film without sound gives no audio.")
        audio = sound_of(video) if audio is None else audio
        if audio is None:
            raise ValueError("The video has no sound to split: connect one that has, or an audio.")
        waveform, rate, notes = tidy(audio)
        for note in notes:
            logging.getLogger(__name__).warning("Split Stems: %s", note)
        engine, bar = host.load_separator(model_name), host.Progress(100)
        split = separate(waveform, rate, engine, lambda share: bar.update(round(100 * share)))
        stems = {name: {"waveform": stem, "sample_rate": rate} for name, stem in split.items()}
        return io.NodeOutput(stems, *stems.values())
