"""A clip to write, made frame by frame: texture that scrolls under still grain, and noise for the sound."""
import torch

RATE = 24
SAMPLE_RATE = 48000


class Scenery:
    """Frames [H, W, 3] in 0..1, the same for the same size; frame k shows the texture 4 * k columns on."""

    def __init__(self, height, width):
        random = torch.Generator().manual_seed(0)
        coarse = torch.rand(1, 3, -(-height // 8), width // 4, generator=random)
        texture = torch.nn.functional.interpolate(coarse, size=(height, 2 * width), mode="bicubic")[0].permute(1, 2, 0)
        self.texture = texture.clamp(0, 1).contiguous()
        self.grain = 0.02 * torch.randn(height, width, 1, generator=random)

    def draw(self, k, out):
        width = out.shape[1]
        torch.add(self.texture[:, (at := 4 * k % width):at + width], self.grain, out=out).clamp_(0, 1)

    def frames(self, count):
        """float32 [count, H, W, 3]."""
        height, width, _ = self.grain.shape
        frames = torch.empty(count, height, width, 3)
        for k in range(count):
            self.draw(k, frames[k])
        return frames

    def chunks(self, count, size=8):
        """The same in chunks of `size`, each drawn as it is asked for into the same memory."""
        height, width, _ = self.grain.shape
        chunk = torch.empty(size, height, width, 3)
        for first in range(0, count, size):
            for k in range(size):
                self.draw(first + k, chunk[k])
            yield chunk[:count - first]


def sound(frames):
    """Stereo noise [2, N] at SAMPLE_RATE, as long as `frames` frames at RATE."""
    return torch.randn(2, frames * SAMPLE_RATE // RATE, generator=torch.Generator().manual_seed(1)).mul_(0.1)
