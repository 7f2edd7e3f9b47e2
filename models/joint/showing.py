"""Pictures of a clip of which a part was given: what is given looks as it would without what was made beside it."""
import torch

from .picture_codec import GROUP


def shown(decode, picture, mask):
    """Frames [B,4n+1,H,W,3] of picture latents [B,C,n+1,h,w]; mask [B,1 or C,n+1,h,w]: 1 is made, 0 is given.

    decode: such latents -> such frames. The decoder looks at neighbours in time, and what the model made beside a picture that was given
    costs that picture up to some dB. So latents that are given throughout are drawn once more, with the nearest given ones in
    place of all others.
    """
    frames = decode(picture)
    given = (mask == 0).transpose(1, 2).flatten(2).all(2)
    rows = given.any(1) & ~given.all(1)
    if rows.any():
        given = given[rows]
        order = torch.arange(given.shape[1], device=given.device)
        apart = (order[:, None] - order).abs() + len(order) * ~given[:, None]
        nearest = apart.argmin(2)[:, None, :, None, None]
        again = decode(picture[rows].take_along_dim(nearest.to(picture.device), 2))
        drawn = given.repeat_interleave(GROUP, 1)[:, GROUP - 1 :, None, None, None].to(frames.device)
        frames[rows.to(frames.device)] = torch.where(drawn, again, frames[rows.to(frames.device)])
    return frames
