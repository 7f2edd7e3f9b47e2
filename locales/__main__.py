"""`python -m locales` says what each language lacks; `--write` first writes English anew from the nodes' schemas."""

import json
import sys

from . import keys

if sys.argv[1:] not in ([], ["--write"]):
    sys.exit(__doc__)
if sys.argv[1:]:
    keys.path_of("en", "nodeDefs").write_text(json.dumps(keys.of_schemas(), indent=2, ensure_ascii=False) + "\n", "utf-8")
lines = [line for language in keys.LANGUAGES for line in keys.differences(language)]
print(*lines, sep="\n")
sys.exit(bool(lines))
