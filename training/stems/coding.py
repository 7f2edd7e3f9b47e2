"""What a lossy codec makes of a sound. Needs PyAV."""
import io

import av
import numpy as np
import torch

_CONTAINERS = {"aac": "mp4", "mp3": "mp3", "libopus": "ogg"}
_LEAST = {"mp3": 6000}  # samples: a shorter file is not recognised as what it is


def coded(sound, codec, bits, rate=48000):
    """[channels, n] -> the same through `codec` at `bits` a second per channel, as long and in time with the input."""
    return torch.cat([_mono(channel, codec, bits, rate) for channel in sound])


def _mono(channel, codec, bits, rate):
    file, count = io.BytesIO(), len(channel)
    channel = torch.nn.functional.pad(channel, (0, max(0, _LEAST.get(codec, 0) - count)))
    with av.open(file, "w", format=_CONTAINERS[codec]) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        stream.bit_rate = bits
        frame = av.AudioFrame.from_ndarray((channel.clamp(-1, 1) * 32767).short().numpy()[None], format="s16", layout="mono")
        frame.sample_rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
    file.seek(0)
    with av.open(file) as back:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
        parts = [part.to_ndarray()[0] for frame in back.decode(audio=0) for part in resampler.resample(frame)]
    sound = torch.from_numpy(np.concatenate(parts))
    late = _late(channel, sound)
    return torch.nn.functional.pad(sound[late:], (0, max(0, count - len(sound) + late)))[None, :count]


def _late(before, after):
    """By how many samples 0..2400 `after` comes late (the codec's delay, where the file does not tell it), by correlation."""
    n = 1 << (max(len(before), len(after))).bit_length()
    match = torch.fft.irfft(torch.fft.rfft(after, n) * torch.fft.rfft(before, n).conj(), n)[:2400]
    return int(match.argmax())
