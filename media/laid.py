"""Sounds laid down in temporary files while they are decoded, and read from there: none is in memory as a whole."""

import tempfile

import numpy as np
import torch

from .errors import MediaError, unwritable
from .pieces import Sound

_READ = 1 << 16


class Laid(Sound):
    """A sound [channels, N], float32, in a file of the system's temporary folder, which goes with `close`, or with the process.

    It begins with no samples; `put` lays blocks at any place, silence is where none was put, and `shape` says how many there are.
    MediaError where the folder cannot take it.
    """

    def __init__(self, channels):
        super().__init__(channels, 0)
        try:
            self.file = tempfile.TemporaryFile(buffering=0)  # unbuffered: a full disk is heard in `put`, not in `close`
        except OSError as error:
            raise MediaError(f"No temporary file can be made for the sound: {error.strerror}. Free some space, or name another folder in TMPDIR.") from error

    def put(self, at, block):
        """Lay a float32 array [n, channels] from sample `at` on."""
        data = block.tobytes()
        try:
            self._seek(at)
            while data:
                data = data[self.file.write(data):]
        except OSError as error:
            raise unwritable(f"the sound to the folder for temporary files, {tempfile.gettempdir()}", error) from error

    def read(self, start, end):
        data = np.zeros((end - start, self.shape[0]), np.float32)
        left = memoryview(data.reshape(-1)).cast("B")
        self._seek(start)
        while left and (count := self.file.readinto(left)):
            left = left[count:]
        return torch.from_numpy(np.ascontiguousarray(data.T))

    def whole(self):
        """The sound as a tensor [channels, N]."""
        waveform = torch.empty(self.shape)
        for at in range(0, self.shape[1], _READ):
            waveform[:, at:at + _READ] = self[:, at:at + _READ]
        return waveform

    def close(self):
        self.file.close()

    def _seek(self, at):
        self.file.seek(at * self.shape[0] * 4)
