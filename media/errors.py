"""What the media room raises when a person can do something about it."""

import errno

_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space or choose another folder",
    errno.EDQUOT: "the disk quota is used up; free some space or choose another folder",
    errno.EFBIG: "the file grew past the size limit set for this process",
    errno.EACCES: "no permission to write there; choose another folder or change its permissions",
    errno.EPERM: "no permission to write there; choose another folder or change its permissions",
    errno.EROFS: "the folder is on a read-only disk; choose another folder",
    errno.EEXIST: "another program has saved under that name meanwhile; run it once more",
    errno.ENOENT: "the folder does not exist; create it first",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.ENAMETOOLONG: "the file name is too long; shorten it",
}


class MediaError(Exception):
    """One line that says what is wrong with the media and what to do about it."""


def unwritable(path, error):
    """A MediaError for an OSError (PyAV's included) met while writing `path`."""
    return MediaError(f"Cannot write {path}: {_ADVICE.get(error.errno, error.strerror or error)}.")
