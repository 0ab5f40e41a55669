"""The keys of the sentences that the program shows."""

import json

from tests.support.paths import ROOT


def sentence_keys() -> list[str]:
    """Return the keys of all sentences, in the order of their table."""
    return list(json.loads((ROOT / "cper_lod" / "core" / "sentences.json").read_text("utf-8")))
