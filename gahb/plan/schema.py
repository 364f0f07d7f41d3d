"""``config.schema.json``: every key of the configuration, for editors that complete and check it.

python -m gahb.plan.schema > config.schema.json
"""

from __future__ import annotations

import json
from typing import Any

from gahb.data.sources import SOURCES
from gahb.denoisers.kinds import KINDS
from gahb.plan.figures import FIGURES
from gahb.settings import Settings


def schema() -> dict[str, Any]:
    """Return the JSON schema of a configuration, of its presets and of its variants."""
    found = Settings.model_json_schema()
    keys, sections = found["properties"], found["$defs"]
    keys["targets"]["items"] = {"enum": list(FIGURES)}
    sections["DataSettings"]["properties"]["source"]["enum"] = list(SOURCES)
    sections["DenoiserSettings"]["properties"]["kind"]["enum"] = list(KINDS)
    # Variants and presets are written as the whole is, with the keys that differ.
    keys["variants"]["additionalProperties"] = {"$ref": "#"}
    keys["presets"]["items"] = {"anyOf": [{"type": "string"}, {"$ref": "#"}]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def text() -> str:
    """Return the schema as it is written."""
    return json.dumps(schema(), indent=1) + "\n"


if __name__ == "__main__":
    print(text(), end="")
