"""Where ComfyUI keeps models and outputs."""
import functools
import json
import struct
from pathlib import Path

import folder_paths

from ..inputs.latent_files import FORMAT

SHIPPED = "starter"
FOLDERS = ("checkpoints", "diffusion_models")  # the second is where ModelSave writes
MARK = b'picture_bias"'  # in the header of a file that holds a joint transformer
SEPARATOR_MARK = b'in_time.0.listen.maps.0.weight"'


def model_names() -> list[str]:
    """The shipped weights, then every file of ComfyUI's model folders that holds a starter."""
    return [SHIPPED, *dict.fromkeys(name for folder, name in _files() if _is_marked(folder, name, MARK))]


def model_path(name: str) -> Path | None:
    """The file behind a name of `model_names`, None for the shipped weights. Raises ValueError for other names."""
    if name == SHIPPED:
        return None
    for folder in FOLDERS:
        path = folder_paths.get_full_path(folder, name)
        if path:
            return Path(path)
    raise ValueError(f"There is no model {name!r} in ComfyUI's checkpoints folder: choose another, or {SHIPPED}.")


def separator_names() -> list[str]:
    """The shipped separator, then the files of ComfyUI's model folders that hold one; one name that says so where there is none."""
    from ...models.stems import hdemucs, loading

    found = dict.fromkeys(name for folder, name in _files() if hdemucs.is_named(name) or _is_marked(folder, name, SEPARATOR_MARK))
    return loading.names(found)


def separator_path(name: str) -> Path:
    """The file behind a name of `separator_names`. Raises ValueError for other names."""
    from ...models.stems import loading

    return loading.path_of(name, next((path for folder in FOLDERS if (path := folder_paths.get_full_path(folder, name))), None))


def _files():
    return [(folder, name) for folder in FOLDERS for name in folder_paths.get_filename_list(folder)]


def _is_marked(folder, name, mark):
    path = folder_paths.get_full_path(folder, name)
    return path is not None and path.endswith(".safetensors") and has_mark(path, mark)


def has_mark(path, mark: bytes) -> bool:
    """Whether the header of a safetensors file contains `mark`; only the header is read, once for each state of the file."""
    stat = Path(path).stat()
    return _has_mark(path, mark, stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=4096)
def _has_mark(path, mark, size, _changed):
    with open(path, "rb") as file:
        start = file.read(8)
        if len(start) < 8:
            return False
        length = struct.unpack("<Q", start)[0]
        return length < min(size, 64 * 2**20) and mark in file.read(length)


def output_target(prefix: str, suffix: str) -> tuple[Path, str]:
    """A claimed path below the output folder, and its subfolder: "a/clip", ".mp4" -> (.../a/clip_00001_.mp4, "a").

    Raises ValueError for a prefix that leads out of the output folder, MediaError where it cannot be written.
    """
    from ...media.errors import unwritable
    from ...media.naming import claim

    output = folder_paths.get_output_directory()
    try:
        folder, name, _, subfolder, _ = folder_paths.get_save_image_path(prefix, output)
    except OSError as error:
        raise unwritable(Path(output) / prefix, error) from error
    except Exception as error:
        raise ValueError(f"filename_prefix {prefix!r} leads out of the output folder: use a name or subfolder/name.") from error
    return claim(folder, name, suffix), subfolder


def preview_target(prefix: str, suffix: str) -> tuple[Path, str] | None:
    """A claimed path in the temporary folder, for what is shown in place of a file that browsers cannot show; its subfolder."""
    from ...media.naming import claim

    folder = Path(folder_paths.get_temp_directory())
    folder.mkdir(parents=True, exist_ok=True)
    return claim(folder, prefix, suffix), ""


def input_files() -> list[str]:
    """Names of the films, pictures and sounds in the input folder."""
    folder = folder_paths.get_input_directory()
    names = [entry.name for entry in Path(folder).iterdir() if entry.is_file()]
    return sorted(folder_paths.filter_files_content_types(names, ["video", "image", "audio"]))


def latent_files() -> list[str]:
    """Names of the files with an AV latent: in the input folder, then, the last one first, in the output folder."""
    mark = FORMAT.encode()
    found = []
    for folder, annotation in ((folder_paths.get_input_directory(), ""), (folder_paths.get_output_directory(), " [output]")):
        paths = [path for path in Path(folder).rglob("*.safetensors") if has_mark(path, mark)]
        newest = sorted(paths, key=lambda path: path.stat().st_mtime_ns, reverse=True) if annotation else sorted(paths)
        found += [path.relative_to(folder).as_posix() + annotation for path in newest]
    return found


def input_path(name: str) -> Path:
    """The Path of a file named as core's loaders name it. Raises ValueError where there is none."""
    if not has_input(name):
        raise ValueError(f"There is no {name} in the input folder.")
    return Path(folder_paths.get_annotated_filepath(name))


def has_input(name: str) -> bool:
    return folder_paths.exists_annotated_filepath(name)


def workflow_metadata(hidden) -> dict[str, str]:
    """The workflow as ComfyUI embeds it, {} where the user runs with --disable-metadata. `hidden` is a node's cls.hidden."""
    from comfy.cli_args import args

    if args.disable_metadata:
        return {}
    parts = {"prompt": hidden.prompt, **(hidden.extra_pnginfo or {})}
    return {name: json.dumps(value) for name, value in parts.items() if value is not None}
