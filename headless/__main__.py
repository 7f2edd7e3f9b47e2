import importlib
import sys

from . import PACK, mount

try:
    mount()
except ImportError as error:
    print("error: {}".format(error), file=sys.stderr)
    sys.exit(2)
sys.exit(importlib.import_module(PACK + ".headless.cli").main())
