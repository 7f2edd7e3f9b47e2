"""Train the picture codec: python -m training.codecs.picture --minutes 28 --out runs/picture

What moves weighs twenty times what stands still, and differences across x, y and time are matched as well as
values: a codec that is a frame late about an edge costs sync, however fine its PSNR. For the same reason the
mean colour of coarse cells has to follow its course over the frames: pixel by pixel, half a key lit in
two frames costs no more than a key lit in one.
"""
import torch
from torch.nn import functional as F

from media.sheet import write_png
from models.joint.picture_codec import PictureCodec, from_groups
from training.codecs import run
from training.codecs.imagery import Album
from training.world import sample

SIZE, FRAMES = 128, 97
MOTION_WEIGHT = 19.0
COURSE_WEIGHT = 5.0
IMAGERY_SHARE, IMAGERY_WEIGHT = 0.2, 0.4
GROUPS = 7  # a piece of a clip that the decoder sees at once
POOL, RENDERED = 112, 8
CUT_SHARE = 0.15  # of the pieces
NOISE = 0.3  # most, of the latents that the decoder learns to take


def pick_frames(clips, device):
    """Frame numbers [clips, 4 GROUPS]: consecutive ones, or from the first, which fills a group by itself."""
    start = torch.randint(0, FRAMES - 4 * GROUPS + 1, (clips, 1), device=device)
    opening = torch.rand(clips, 1, device=device) < 0.3
    return torch.where(opening, (torch.arange(4 * GROUPS, device=device) - 3).clamp(min=0), start + torch.arange(4 * GROUPS, device=device))


def movement(frames):
    """Where a piece moves [n,4 GROUPS,S/2,S/2] in 0..1: difference from the median of its frames, or within a group."""
    half = F.avg_pool3d(frames, (1, 2, 2))
    away = (half - half.median(2, keepdim=True).values).abs().amax(1)
    groups = half.unflatten(2, (-1, 4))
    spread = (groups.amax(3) - groups.amin(3)).amax(1).repeat_interleave(4, 1)
    return F.max_pool2d((torch.maximum(away, spread) * 12 - 0.3).clamp(0, 1), 3, 1, 1)


class PicturePool:
    """Rendered pieces, kept as bytes and renewed a scene at a time, so that the renderer does not set the pace."""

    def __init__(self, scenes, device, seed):
        self.scenes, self.device, self.turn, self.seed = scenes, device, 0, seed
        self.pictures = torch.zeros(POOL, 12 * GROUPS, SIZE, SIZE, dtype=torch.uint8, device=device)
        self.moves = torch.zeros(POOL, 4 * GROUPS, SIZE // 2, SIZE // 2, dtype=torch.uint8, device=device)
        self.lively = torch.zeros(POOL, device=device)
        self.filled = self.at = 0
        while self.filled < min(POOL, RENDERED * len(scenes)):
            self.renew()

    def renew(self):
        """Render one more scene over the oldest pieces; returns how many groups that made."""
        scene = self.scenes[self.turn % len(self.scenes)]
        index = pick_frames(RENDERED, self.device)
        frames = sample(RENDERED, frames=FRAMES, seed=self.seed * 1_000_003 + self.turn, scene=scene,
                        device=self.device, size=SIZE, sound=False, frame_index=index).video
        moves = movement(frames)
        where = (self.at + torch.arange(RENDERED, device=self.device)) % POOL
        self.pictures[where] = (frames.flatten(1, 2) * 255).round().byte()
        self.moves[where] = (moves * 255).byte()
        self.lively[where] = moves.mean((1, 2, 3))
        self.at = (self.at + RENDERED) % POOL
        self.filled = min(POOL, self.filled + RENDERED)
        self.turn += 1
        return RENDERED * GROUPS

    def draw(self, count):
        """Pieces [count,12 GROUPS,S,S] in 0..1 and movement [count,4 GROUPS,S/2,S/2], turned and tinted at random."""
        # Pieces in which something moves are seen more often than those that stand still.
        lively = self.lively[:self.filled].clamp(0.01, 0.05)
        chosen = torch.multinomial(lively, count, replacement=True)
        pictures, moves = self.pictures[chosen].float() / 255, self.moves[chosen].float() / 255
        dice = torch.rand(4)
        if dice[0] < 0.5:
            pictures, moves = pictures.flip(-1), moves.flip(-1)
        if dice[1] < 0.1:
            pictures, moves = pictures.flip(-2), moves.flip(-2)
        colours = pictures.unflatten(1, (3, -1))
        if dice[2] < 0.25:
            colours, moves = colours.flip(2), moves.flip(1)
        if dice[3] < 0.25:
            colours = colours[:, torch.randperm(3)]
        tinted = (torch.rand(count, 1, 1, 1, 1, device=self.device) < 0.4).float()
        # Clips that are joined have hard cuts: what lies beyond one is no neighbour.
        cut = torch.where(torch.rand(count) < CUT_SHARE, torch.randint(1, GROUPS, (count,)), GROUPS).to(self.device)
        beyond = torch.arange(4 * GROUPS, device=self.device) >= 4 * cut[:, None]
        other = torch.randperm(count, device=self.device)
        colours = torch.where(beyond[:, None, :, None, None], colours[other], colours)
        moves = torch.where(beyond[:, :, None, None], moves[other], moves)
        gain = 1 + tinted * (torch.rand(count, 3, 1, 1, 1, device=self.device) * 0.5 - 0.25)
        lift = tinted * (torch.rand(count, 1, 1, 1, 1, device=self.device) * 0.2 - 0.1)
        return (colours * gain + lift).clamp(0, 1).flatten(1, 2), moves


def difference_loss(made, truth, moves, share):
    """Weighted L1 of values, at half size of differences along x, y and time, and of the courses of cells.

    Pieces [N,3 T,S,S], moves [N,T,S/2,S/2], share [N] of each piece. In the precision of `made`: the slope of an
    L1 is a sign.
    """
    weight = ((1 + MOTION_WEIGHT * moves) * share[:, None, None, None]).to(made.dtype)
    error = made - truth.to(made.dtype)
    fine = weight.repeat_interleave(2, -1).repeat_interleave(2, -2)[:, None]
    value = (fine * error.unflatten(1, (3, -1)).abs()).mean()
    coarse, weight = F.avg_pool2d(error, 2).unflatten(1, (3, -1)), weight[:, None]
    edge = ((weight[..., 1:] * coarse.diff(dim=-1).abs()).mean()
            + (weight[..., 1:, :] * coarse.diff(dim=-2).abs()).mean())
    pace = (weight[:, :, 1:] * coarse.diff(dim=2).abs()).mean()
    course = course_loss(coarse, F.avg_pool2d(truth, 2).unflatten(1, (3, -1)), share)
    return value.float() + 0.5 * edge.float() + pace.float() + COURSE_WEIGHT * course


def course_loss(error, truth, share):
    """How far the mean colours of cells of 4 and of 8 pixels (at half size) go astray over the frames of a piece.

    error, truth [N,3,T,h,w], share [N]. A cell's own mean over time is left out: that is the picture, which
    value and edge see to. Cells that change weigh up to MOTION_WEIGHT more.
    """
    total = 0.0
    for side in (4, 8):
        astray, seen = (F.avg_pool3d(x.float(), (1, side, side)) for x in (error, truth))
        change = (seen.amax(2, keepdim=True) - seen.amin(2, keepdim=True)).amax(1, keepdim=True)
        weight = (1 + MOTION_WEIGHT * (change * 12).clamp(0, 1)) * share[:, None, None, None, None]
        away = astray - astray.mean(2, keepdim=True)
        total = total + (weight * away.abs()).mean() + (weight * astray.diff(dim=2).abs()).mean()
    return total


class PictureRecipe:
    heads = ("paint", "encoder.write")

    def __init__(self, args):
        torch.manual_seed(args.seed)
        self.args, self.watch, self.debt = args, run.Stopwatch(), 0.0
        self.codec = PictureCodec().to(args.device, memory_format=torch.channels_last)
        self.shares = self.watch.shares
        self.imagery = round(args.batch * IMAGERY_SHARE)
        self.album = Album(device=args.device)
        self.pool = PicturePool(args.drawn, args.device, args.seed)
        self.truth = None

    def batch(self):
        """Pieces of the world and groups of other imagery, each with its movement."""
        pieces = max(1, (self.args.batch - self.imagery) // GROUPS)
        self.debt += pieces * GROUPS / self.args.reuse
        while self.debt > 0:
            self.debt -= self.watch.time("render", self.pool.renew)
            if self.pool.turn % 6 == 0:
                self.watch.time("render", self.album.renew, self.pool.turn // 6)
        still = torch.zeros(self.imagery, 4, SIZE // 2, SIZE // 2, device=self.args.device)
        return self.watch.time("augment", self.pool.draw, pieces), (self.album.groups(self.imagery, SIZE), still)

    def loss(self, codec, frozen):
        (pieces, moves), (other, still) = self.batch()
        world = len(pieces) * GROUPS
        pictures = torch.cat([as_groups(pieces), other])
        with run.autocast(self.args.device):
            with torch.set_grad_enabled(not frozen):
                raw = codec.analyse(F.avg_pool2d(pictures, 2)).float()
            if frozen:
                mean, std = codec.mean, codec.std
            else:
                std, mean = torch.std_mean(raw[:world], (0, 2, 3))
                codec.mean.lerp_(mean.detach(), 0.02)
                codec.std.lerp_(std.detach(), 0.02)
            latents = (raw - mean[:, None, None]) / (std[:, None, None] + 1e-4)
            # The transformer's latents are never exact: the decoder learns to take them a little wrong.
            blur = torch.rand(len(pieces), 1, 1, 1, device=latents.device).repeat_interleave(GROUPS, 0) * NOISE
            blur = torch.cat([blur, torch.rand(len(other), 1, 1, 1, device=latents.device) * NOISE])
            latents = latents + blur * torch.randn_like(latents)
            made = from_groups(codec.synthesise(latents[:world], GROUPS), len(pieces)).flatten(1, 2)
            drawn = codec.synthesise(latents[world:], 1)
        share = torch.ones(len(made), device=made.device)
        loss = difference_loss(made, pieces, moves, share) * world / len(pictures)
        loss = loss + difference_loss(drawn, other, still, torch.full((len(other),), IMAGERY_WEIGHT, device=made.device)) * len(other) / len(pictures)
        with torch.no_grad():
            # A look at a few: measuring the whole batch would cost a tenth of the step.
            marks = {"psnr": psnr((made[:1].float() - pieces[:1]).square()), "psnr_imagery": psnr((drawn[:3].float() - other[:3]).square())}
        return loss, marks

    @torch.no_grad()
    def measure(self, codec):
        """Mean and deviation of the raw latents over fresh clips of every scene."""
        raw = []
        for turn in range(3 * len(self.args.scenes)):
            clips = held_out(self.args, self.args.scenes[turn % len(self.args.scenes)], 500 + turn, 8, True)
            raw.append(codec.analyse(F.avg_pool2d(as_groups(clips), 2)).float())
        std, mean = torch.std_mean(torch.cat(raw), (0, 2, 3))
        return mean, std + 1e-4

    def report(self, codec, path):
        """PSNR per scene on held-out clips; the sheet: truth above reconstruction, eight frames each."""
        marks, rows = {}, []
        for number, scene in enumerate([*self.args.scenes, "imagery"]):
            truth = unseen_imagery(self.args) if scene == "imagery" else held_out(self.args, scene, 900 + number, 8, False)
            raw = codec.analyse(F.avg_pool2d(as_groups(truth), 2))
            latents = (raw - codec.mean[:, None, None]) / codec.std[:, None, None]
            made = from_groups(codec.synthesise(latents, truth.shape[1] // 12), len(truth)).flatten(1, 2).clamp(0, 1)
            marks[scene] = round(sum(psnr(q) for q in (made - truth).square()) / len(truth), 2)
            for pieces in (truth, made):
                shown = pieces if pieces.shape[1] == 12 * GROUPS else from_groups(pieces[:GROUPS], 1).flatten(1, 2)
                rows.append(torch.cat(shown[0].unflatten(0, (3, -1))[:, [0, 3, 4, 7, 8, 11, 12, 15]].unbind(1), -1))
        write_png(path, (torch.cat(rows, 1).permute(1, 2, 0) * 255).round().byte().cpu())
        return marks


def unseen_imagery(args):
    """Sixteen groups of procedural pictures, the same ones each time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(9)
        return Album(48, args.device).groups(16, SIZE)


def held_out(args, scene, seed, clips, weather):
    """Pieces [clips,12 GROUPS,S,S] of clips that training never draws; weather: overlays as in training."""
    start = torch.randint(0, FRAMES - 4 * GROUPS + 1, (clips, 1), generator=torch.Generator().manual_seed(seed))
    index = (start + torch.arange(4 * GROUPS)).to(args.device)
    return sample(clips, frames=FRAMES, seed=-1 - seed, scene=scene, device=args.device, size=SIZE, sound=False,
                  frame_index=index, overlays=weather).video.flatten(1, 2)


def as_groups(pieces):
    """Pieces [N,12 G,S,S], colour then frame -> their groups [N G,12,S,S]."""
    return pieces.unflatten(1, (3, -1, 4)).transpose(1, 2).flatten(0, 1).flatten(1, 2)


def psnr(squares):
    return float(-10 * squares.mean().clamp_min(1e-10).log10())


def main():
    args = run.arguments("picture", batch=32)
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    run.Trainer(PictureRecipe(args), args).run()


if __name__ == "__main__":
    main()
