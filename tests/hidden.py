"""A Python that does not have some package, as far as imports can tell."""

SHIM = """import importlib.machinery as machinery
found = machinery.PathFinder.find_spec
machinery.PathFinder.find_spec = classmethod(lambda cls, name, path=None, target=None: None if name.partition(".")[0] == {name!r} else found(name, path, target))
"""


def without(folder, name):
    """Write into `folder` what hides the package `name` from a Python that has `folder` in PYTHONPATH; returns the folder."""
    (folder / "sitecustomize.py").write_text(SHIM.format(name=name))
    return folder
