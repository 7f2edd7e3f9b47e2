"""Files that the canvas shows and plays, which it gets from ComfyUI's /view."""
import os
import shutil
from pathlib import Path

import folder_paths

KINDS = ("temp", "output", "input")


def shown_files():
    return ShownFiles()


class ShownFiles:
    """The temporary folder, which ComfyUI empties when it starts, and names for the browser."""

    def __init__(self):
        self.folder = Path(folder_paths.get_temp_directory()).absolute()
        self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Where a temporary file of this name is, or is to be written. A name made from the content is written only once."""
        return self.folder / name

    def view(self, path: str | Path) -> dict[str, str]:
        """{filename, subfolder, type} of a file for /view; one outside of ComfyUI's folders is linked, or copied, into the temporary one."""
        path = Path(path)
        for kind in KINDS:
            folder = Path(folder_paths.get_directory_by_type(kind)).absolute()
            if path.absolute().is_relative_to(folder):
                place = path.absolute().parent.relative_to(folder).as_posix()
                return {"filename": path.name, "subfolder": "" if place == "." else place, "type": kind}
        stat = path.stat()
        link = self.path(f"phonofilm_{stat.st_ino:x}_{stat.st_mtime_ns:x}{path.suffix}")
        if not link.exists():
            try:
                os.symlink(path.absolute(), link)
            except OSError:  # Windows allows it to few
                shutil.copyfile(path, link)
        return self.view(link)
