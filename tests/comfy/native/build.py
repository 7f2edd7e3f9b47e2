"""Tiny random checkpoints of LTX-2 and MiniMax H3, made by ComfyUI's own model classes.

Run as a program, with ComfyUI's folder and the base directory of the server: `build.py COMFYUI BASE`. A few megabytes in
all. Random weights show that the plumbing holds, not what the models can do.
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
sys.path.insert(1, str(Path(__file__).parent))
BASE = Path(sys.argv[2])

import comfy.options  # noqa: E402, F401
from comfy.cli_args import args  # noqa: E402

args.cpu = True  # before comfy.model_management is imported

import torch  # noqa: E402

import comfy.ops  # noqa: E402
from comfy.ldm.lightricks.av_model import LTXAVModel  # noqa: E402
from comfy.ldm.lightricks.model import LTXVModel  # noqa: E402
from comfy.ldm.lightricks.vae.audio_vae import AudioVAE  # noqa: E402
from comfy.ldm.lightricks.vae.causal_video_autoencoder import VideoVAE  # noqa: E402
from comfy.ldm.minimax.audio_vae import MiniMaxH3AudioVAE  # noqa: E402
from comfy.ldm.minimax.model import MiniMaxH3Model  # noqa: E402
from comfy.ldm.minimax.vae import MiniMaxH3VideoVAE  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from small_h3 import shrink  # noqa: E402

PLAIN = {"dtype": torch.float32, "device": "cpu", "operations": comfy.ops.disable_weight_init}
LTX = {
    "transformer": dict(
        in_channels=128, audio_in_channels=128, num_attention_heads=2, attention_head_dim=32, cross_attention_dim=64,
        audio_num_attention_heads=2, audio_attention_head_dim=16, audio_cross_attention_dim=32, caption_channels=32, num_layers=2,
        connector_num_attention_heads=1, connector_attention_head_dim=32, connector_num_layers=1, rope_type="split",
        use_middle_indices_grid=True, frequencies_precision="float64", positional_embedding_max_pos=[20, 2048, 2048],
        audio_positional_embedding_max_pos=[20], av_ca_timestep_scale_multiplier=1000.0),
    "vae": dict(
        _class_name="CausalVideoAutoencoder", dims=3, in_channels=3, out_channels=3, latent_channels=128,
        encoder_blocks=[["res_x", {"num_layers": 1}], ["compress_space_res", {"multiplier": 2}], ["compress_time_res", {"multiplier": 2}],
                        ["compress_all_res", {"multiplier": 2}], ["compress_all_res", {"multiplier": 1}]],
        # Core builds them backwards and knows the file by its first: a res_x.
        decoder_blocks=[["compress_all", {"residual": False, "multiplier": 2}], ["compress_all", {"residual": False, "multiplier": 2}],
                        ["compress_all", {"residual": False, "multiplier": 1}], ["res_x", {"num_layers": 1, "inject_noise": False}]],
        encoder_base_channels=8, decoder_base_channels=8, patch_size=4, norm_layer="pixel_norm", latent_log_var="uniform",
        causal_decoder=False, timestep_conditioning=False, spatial_padding_mode="zeros"),
    "audio_vae": {
        "model": {"params": {"sampling_rate": 16000, "ddconfig": dict(
            double_z=True, mel_bins=64, z_channels=8, resolution=256, in_channels=2, out_ch=2, ch=8, ch_mult=[1, 2, 2], num_res_blocks=1,
            attn_resolutions=[], dropout=0.0, mid_block_add_attention=False, norm_type="pixel", causality_axis="height")}},
        "preprocessing": {"stft": {"filter_length": 1024, "hop_length": 160}}},
    "vocoder": dict(
        resblock_kernel_sizes=[3], upsample_rates=[6, 5, 2, 2, 2], upsample_kernel_sizes=[16, 15, 8, 4, 4], resblock_dilation_sizes=[[1, 3, 5]],
        upsample_initial_channel=64, stereo=True, resblock="1", use_bias_at_final=True, use_tanh_at_final=True),
}
H3 = dict(hidden_size=64, num_layers=2, token_refiner_num_layers=1, num_attention_heads=2, attention_head_dim=32, ffn_hidden_size=96,
          latents_dim=24, audio_latents_dim=32, text_dim=48, timestep_input_dim=32, time_embed_hidden_size=64, time_embed_dim=32, rope_inv_freq_len=4)


def random_state(model, seed):
    """Its state dict with random weights of a size that keeps activations near 1."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, old in model.state_dict().items():
        fixed = not old.is_floating_point() or "filter" in name or "inv_freq" in name
        if fixed:
            new = old
        elif "zero_k_bias" in name or name.endswith("mean-of-means") or name.endswith("latents_mean"):
            new = torch.zeros_like(old)
        elif name.endswith("std-of-means") or name.endswith("latents_std") or old.ndim <= 1 and "norm" in name and "weight" in name:
            new = torch.ones_like(old)
        else:
            scale = old[0].numel() ** -0.5 if old.ndim > 1 else 0.05
            new = scale * torch.randn(old.shape, generator=generator)
        state[name] = new.detach().clone().contiguous()
    return state


def save(folder, name, state, metadata=None):
    path = BASE / "models" / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(state, path, metadata)


def build_ltx():
    """One checkpoint for CheckpointLoaderSimple and LTXVAudioVAELoader."""
    state = {f"model.diffusion_model.{key}": value for key, value in random_state(LTXAVModel(**LTX["transformer"], **PLAIN), 1).items()}
    state.update({f"vae.{key}": value for key, value in random_state(VideoVAE(version=0, config=LTX["vae"]), 2).items()})
    sound = random_state(AudioVAE(metadata={"config": {name: LTX[name] for name in ("audio_vae", "vocoder")}}), 3)
    state.update({key.replace("autoencoder.", "audio_vae.", 1) if key.startswith("autoencoder.") else key: value for key, value in sound.items()})
    save("checkpoints", "ltx.safetensors", state, {"config": json.dumps(LTX)})


def build_silent():
    """A model of pictures alone."""
    config = {name: LTX["transformer"][name] for name in ("in_channels", "num_attention_heads", "attention_head_dim", "cross_attention_dim", "caption_channels", "num_layers")}
    save("diffusion_models", "silent.safetensors", random_state(LTXVModel(**config, **PLAIN), 4), {"config": json.dumps({"transformer": config})})


def build_h3():
    """A model for UNETLoader and two VAEs for VAELoader."""
    state = random_state(MiniMaxH3Model(**H3, **PLAIN), 11)
    state["rope.inv_freq"] = 10000.0 ** -(torch.arange(4) / 4)
    save("diffusion_models", "h3.safetensors", state)
    shrink()
    save("vae", "h3_picture.safetensors", random_state(MiniMaxH3VideoVAE(), 12))
    save("vae", "h3_sound.safetensors", random_state(MiniMaxH3AudioVAE(), 13))


build_ltx()
build_silent()
build_h3()
