"""The keys of the sentences that the program shows."""

import tomllib

from tests.support.paths import ROOT


def sentence_keys() -> list[str]:
    """Return the keys of all sentences, in the order of their table."""
    return list(tomllib.loads((ROOT / "cper_lod" / "core" / "sentences.toml").read_text("utf-8")))
