"""Names on disk: claimed without a race, filled in one move."""

import os
import secrets
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import unwritable


def claim(folder, prefix, suffix):
    """Create an empty file under the next free name, `prefix_00001_suffix` and up, and return its Path.

    The name is taken by the file system itself (O_EXCL), so two callers never get the same one. The
    counter goes on from the highest in the folder, in the pattern of ComfyUI's own outputs.
    MediaError where the folder cannot be written.
    """
    folder = Path(folder)
    try:
        number = 1 + max((_number(name, prefix) for name in os.listdir(folder)), default=0)
        while True:
            path = folder / f"{prefix}_{number:05d}_{suffix}"
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
                return path
            except FileExistsError:
                number += 1
    except OSError as error:
        raise unwritable(folder / f"{prefix}{suffix}", error) from error


def _number(name, prefix):
    digits = name[len(prefix) + 1:].split("_", 1)[0]
    return int(digits) if name.startswith(prefix + "_") and digits.isdecimal() else 0


@contextmanager
def in_place_of(path):
    """Give a fresh name in the folder of `path`; on success what was written there moves to `path`.

    On any exception, a cancel included, the fresh file is removed, and so is an empty file that
    `claim` left under `path`; a file with content stays as it was. OSError and PyAV's errors with
    an errno come out as MediaError.
    """
    path = Path(path).absolute()
    fresh = path.parent / f".{secrets.token_hex(8)}{path.suffix}"
    try:
        # Here, not in FFmpeg, so that a missing or read-only folder has the system's own errno.
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield fresh
        os.replace(fresh, path)
    except BaseException as error:
        with suppress(OSError):  # where the folder itself is missing
            fresh.unlink(missing_ok=True)
            if path.stat().st_size == 0:
                path.unlink()
        if isinstance(error, OSError):
            raise unwritable(path, error) from error
        raise

