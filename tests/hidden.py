"""A Python that does not have some package, as far as imports, or only look-ups, can tell."""

IMPORT = """import importlib.machinery as machinery
found = machinery.PathFinder.find_spec
machinery.PathFinder.find_spec = classmethod(lambda cls, name, path=None, target=None: None if name.partition(".")[0] == {name!r} else found(name, path, target))
"""
LOOK_UP = """import importlib.util as util
found = util.find_spec
util.find_spec = lambda name, package=None: None if name == {name!r} else found(name, package)
"""


def without(folder, name, shim=IMPORT):
    """Write into `folder` what hides the package `name` from a Python that has `folder` in PYTHONPATH; returns the folder."""
    (folder / "sitecustomize.py").write_text(shim.format(name=name))
    return folder
