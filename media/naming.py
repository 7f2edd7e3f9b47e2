"""Names on disk: claimed without a race, filled in one move."""

import errno
import os
import secrets
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import unwritable


def claim(folder, prefix, suffix):
    """Take the next free name in a folder, `prefix_00001_suffix` and up, and return its Path, which is for `in_place_of`.

    Nothing stands under the name until the file is whole: it is taken by a hidden empty file beside it that the file system
    makes for one caller only (O_EXCL), so two callers never get the same one. The
    counter goes on from the highest in the folder, in the pattern of ComfyUI's own outputs.
    MediaError where the folder cannot be written.
    """
    folder = Path(folder)
    try:
        number = 1 + max((_number(name, prefix) for name in os.listdir(folder)), default=0)
        while True:
            path = folder / f"{prefix}_{number:05d}_{suffix}"
            with suppress(FileExistsError):
                _create(_claim_of(path))
                if not path.exists():  # finished by another between the listing and here
                    return path
                _claim_of(path).unlink()
            number += 1
    except OSError as error:
        raise unwritable(folder / f"{prefix}{suffix}", error) from error


def release(path):
    """Give up a claimed name under which nothing will be written."""
    _claim_of(path).unlink(missing_ok=True)


def _claim_of(path):
    return path.with_name(f".{path.name}.claim")


def _create(path):
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))


def _number(name, prefix):
    digits = name[len(prefix) + 1:].split("_", 1)[0]
    return int(digits) if name.startswith(prefix + "_") and digits.isdecimal() else 0


@contextmanager
def in_place_of(path):
    """Give a fresh name in the folder of `path`; on success what was written there moves to `path`.

    On any exception, a cancel included, the fresh file is removed, and what stood under `path` before stays as it was;
    under a claimed name that is also what has appeared there since. A claim ends either way. OSError and PyAV's errors with an errno come out as MediaError.
    """
    path = Path(path).absolute()
    fresh = path.parent / f".{secrets.token_hex(8)}{path.suffix}"
    try:
        # Here, not in FFmpeg, so that a missing or read-only folder has the system's own errno.
        _create(fresh)
        yield fresh
        if _claim_of(path).exists() and path.exists():  # by a program that knows nothing of claims
            raise FileExistsError(errno.EEXIST, None)
        os.replace(fresh, path)
    except BaseException as error:
        with suppress(OSError):  # where the folder itself is missing
            fresh.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise unwritable(path, error) from error
        raise
    finally:
        with suppress(OSError):
            release(path)
