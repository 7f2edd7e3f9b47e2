import importlib
import sys

from . import PACK, mount

mount()
sys.exit(importlib.import_module(f"{PACK}.headless.cli").main())
