"""Contact sheets: frames side by side, a spectrogram and the events under them, as a PNG.

PNG is written as the W3C specification (third edition) describes it: 8 bit RGB, no interlace, filter 0.
"""
import struct
import zlib

import torch

from . import palette

_FLOOR, _TOP = -70.0, 0.0  # decibels shown in a spectrogram


def write_png(path, image):
    """Write a uint8 tensor [H, W, 3]."""
    height, width, _ = image.shape
    rows = torch.cat([torch.zeros(height, 1, dtype=torch.uint8), image.cpu().reshape(height, width * 3)], 1)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(rows.contiguous().numpy().tobytes(), 6)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def spectrogram(waveform, sample_rate, width, height=64):
    """Log-frequency spectrogram of the sum of channels: waveform [C, N] -> uint8 [height, width, 3].

    50 Hz at the bottom to 12 kHz (or the highest there is) at the top; 70 dB from black to white.
    """
    mono = waveform.float().mean(0)
    size, samples = 1024, mono.shape[0]
    centres = torch.linspace(0, max(samples - 1, 1), width, device=mono.device).round().long()
    padded = torch.nn.functional.pad(mono, (size // 2, size // 2))
    frames = padded[centres[:, None] + torch.arange(size, device=mono.device)]
    power = torch.fft.rfft(frames * torch.hann_window(size, device=mono.device)).abs() * (4 / size)
    high = min(12000.0, sample_rate / 2)
    hertz = 50 * (high / 50) ** torch.linspace(1, 0, height, device=mono.device)
    place = (hertz * size / sample_rate).clamp(max=size / 2 - 1)
    low = place.floor().long()
    level = torch.lerp(power[:, low], power[:, low + 1], place - low).T
    shade = ((20 * torch.log10(level + 1e-6) - _FLOOR) / (_TOP - _FLOOR)).clamp(0, 1)
    return (torch.stack([shade ** .6, shade ** 1.2, (1.6 * shade * (1 - shade) + shade ** 3)], -1).clamp(0, 1) * 255).byte()


def contact_sheet(video, waveform, sample_rate, rate, events=None, columns=12):
    """Frames, spectrogram and event ticks of one clip, all on the same time axis.

    video [F, H, W, 3] 0..1, waveform [C, N] or None, rate: frames per second (a number or Fraction); events: tuples or
    dicts with track and time in seconds; columns: frames shown, each standing at the middle of its share of time.
    Returns uint8 [height, width, 3] on the CPU.
    """
    frames, tall, wide, _ = video.shape
    seconds = frames / float(rate)
    columns = min(columns, frames)
    shown = ((torch.arange(columns) + .5) * frames / columns).long()
    strip = (video[shown.to(video.device)].clamp(0, 1) * 255).round().byte().cpu()
    width = columns * wide
    parts = [strip.permute(1, 0, 2, 3).reshape(tall, width, 3)]
    if events is not None:
        parts.append(_ticks(events, seconds, width))
    if waveform is not None:
        parts.append(spectrogram(waveform.cpu(), sample_rate, width))
    return torch.cat([*parts, torch.full((2, width, 3), 40, dtype=torch.uint8)])


def _ticks(events, seconds, width, height=8):
    bar = torch.zeros(height, width, 3, dtype=torch.uint8)
    for event in events:
        track, time = (event["track"], event["time"]) if isinstance(event, dict) else event[:2]
        column = min(width - 1, max(0, int(time / seconds * width)))
        bar[:, column] = (255 * torch.tensor(palette.STEMS.get(track, (1.0, 1.0, 1.0)))).to(torch.uint8)
    return bar


def main(arguments=None):
    """`python -m media.sheet CLIP.mp4 SHEET.png`"""
    import argparse
    import sys

    from .errors import MediaError
    from .naming import in_place_of
    from .reading import read_clip

    parser = argparse.ArgumentParser("python -m media.sheet", description="Draw a clip's frames and the spectrogram of its sound as one PNG.")
    parser.add_argument("clip")
    parser.add_argument("sheet")
    options = parser.parse_args(arguments)
    try:
        clip = read_clip(options.clip)
        with in_place_of(options.sheet) as fresh:
            write_png(fresh, contact_sheet(clip.frames, clip.waveform, clip.sample_rate, clip.rate))
    except MediaError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
