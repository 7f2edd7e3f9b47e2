"""The nodes as a host sees them: ids, inputs and outputs are for ever, and loading is light."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import headless

ROOT = Path(__file__).resolve().parent.parent

INTERFACE = {
    "PhonofilmLoadModel": ("model_name", "MODEL CLIP VAE VAE"),
    "PhonofilmPrompt": ("clip picture dialogue music effects ambience avoid score", "CONDITIONING CONDITIONING STRING"),
    "PhonofilmScore": ("text model positive latent seed", "PHONOFILM_SCORE STRING"),
    "PhonofilmEmptyLatent": ("model width height seconds batch_size", "LATENT"),
    "PhonofilmEncode": (
        "vae audio_vae length width height batch_size first_image last_image images image_times frames rate audio stems"
        " picture_strength sound_strength dialogue_strength music_strength effects_strength ambience_strength", "LATENT STRING"),
    "PhonofilmEdit": ("latent start end picture_strength sound_strength dialogue_strength music_strength effects_strength ambience_strength", "LATENT STRING"),
    "PhonofilmExtend": ("latent seconds head vae audio_vae", "LATENT STRING"),
    "PhonofilmCutLatent": ("latent start end exact vae audio_vae", "LATENT STRING"),
    "PhonofilmJoinLatent": ("latent after overlap vae audio_vae", "LATENT STRING"),
    "PhonofilmBatchLatent": ("latent after", "LATENT"),
    "PhonofilmPickLatent": ("latent index count", "LATENT"),
    "PhonofilmSaveLatent": ("latent filename_prefix", "LATENT"),
    "PhonofilmLoadLatent": ("file", "LATENT"),
    "PhonofilmSampler": ("model positive negative latent seed steps sampler scheduler picture_guidance sound_guidance sync_guidance denoise takes vae audio_vae skip_guidance score_guidance", "LATENT PHONOFILM_SCORE STRING"),
    "PhonofilmShotList": (
        "model clip vae audio_vae width height rate head seed steps sampler scheduler picture_guidance sound_guidance sync_guidance skip_guidance avoid text score_guidance",
        "LATENT STRING STRING"),
    "PhonofilmDecode": ("latent vae audio_vae rate", "IMAGE AUDIO PHONOFILM_STEMS FLOAT"),
    "PhonofilmSplitStems": ("audio model_name video", "PHONOFILM_STEMS AUDIO AUDIO AUDIO AUDIO"),
    "PhonofilmMixStems": (
        "stems"
        " dialogue_gain dialogue_mute dialogue_solo dialogue_pan dialogue_delay music_gain music_mute music_solo music_pan music_delay"
        " effects_gain effects_mute effects_solo effects_pan effects_delay ambience_gain ambience_mute ambience_solo ambience_pan ambience_delay"
        " more duck_depth duck_look_ahead duck_attack duck_hold duck_release fade_in fade_out loudness custom_loudness ceiling video",
        "AUDIO PHONOFILM_STEMS"),
    "PhonofilmLoudness": ("audio stems target custom_target", "STRING IMAGE"),
    "PhonofilmSyncMeter": ("video images rate audio nudge_ms", "FLOAT STRING IMAGE"),
    "PhonofilmShiftAudio": ("audio ms", "AUDIO"),
    "PhonofilmMux": ("images video audio stems rate filename_prefix container video_codec audio_codec quality bit_depth duration stems_as loudness custom_loudness ceiling provenance sign", "VIDEO STRING"),
    "PhonofilmLoadAV": ("file audio_track start duration", "IMAGE AUDIO PHONOFILM_STEMS FLOAT VIDEO"),
}


@pytest.fixture(scope="module")
def schemas():
    return {name: cls.GET_SCHEMA() for name, cls in headless.mount().node_classes().items()}


@pytest.mark.parametrize("name", INTERFACE)
def test_interface_only_grows(schemas, name):
    inputs, outputs = (text.split() for text in INTERFACE[name])
    assert [entry.id for entry in schemas[name].inputs][:len(inputs)] == inputs
    assert [entry.io_type for entry in schemas[name].outputs][:len(outputs)] == outputs


def test_every_node_explains_itself(schemas):
    for name, schema in schemas.items():
        assert schema.node_id == name and schema.category == "Phonofilm"
        assert schema.description and schema.search_aliases and schema.display_name.isascii()
        assert all(entry.tooltip for entry in [*schema.inputs, *schema.outputs]), name


def test_inputs_that_come_later_may_be_left_out(schemas):
    """An input appended to a node must not break the workflows that people have saved."""
    for name, (inputs, _) in INTERFACE.items():
        assert all(entry.optional for entry in schemas[name].inputs[len(inputs.split()):])


def test_nodes_load_before_media_and_models():
    code = "import sys, headless; headless.mount().node_classes(); print([m for m in sys.modules if m.startswith('av.') or 'media.writing' in m or m == 'torchaudio'])"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout.strip() == "[]"


def test_prompt_reports_what_it_does_not_know():
    headless.mount()
    prompt = importlib.import_module("phonofilm.nodes.prompt")
    fields = {"picture": "a red ball and a zyzzyva", "effects": "hits"}
    assert prompt.report(fields, "Rain", ["zyzzyva"], []).splitlines() == [
        "picture: a red ball and a", "effects: hits", "avoid: rain", "not known, left out: zyzzyva"]


def test_sounds_of_a_batch_follow_one_another():
    torch = pytest.importorskip("torch")
    headless.mount()
    mux = importlib.import_module("phonofilm.nodes.mux")
    audio = {"waveform": torch.arange(12.0).reshape(2, 2, 3), "sample_rate": 48000}
    waveform, rate = mux.one_sound(audio, None)
    assert rate == 48000 and waveform[:, :].tolist() == [[0, 1, 2, 6, 7, 8], [3, 4, 5, 9, 10, 11]]
    assert mux.one_sound(None, {"music": audio, "effects": audio})[0][:, 1:5].tolist() == (2 * waveform[:, 1:5]).tolist()


def test_a_clip_that_cannot_be_written_leaves_no_name_behind(tmp_path):
    torch = pytest.importorskip("torch")
    naming, writing = (importlib.import_module(f"media.{name}") for name in ("naming", "writing"))
    path = naming.claim(tmp_path, "clip", ".mp4")
    with pytest.raises(Exception, match="no frames"):
        writing.write_clip(path, torch.zeros(0, 16, 16, 3), 24)
    assert not list(tmp_path.iterdir())
