"""Identifiers against names; each identifier exchanged is among the kinds of `test_corruptions`."""

from dataclasses import replace
from pathlib import Path

import pytest

from cper_lod.core.namespaces import PREFIXES, SKOS
from cper_lod.release.check.actors import ACTOR_RULES
from cper_lod.release.check.published import PublishedData, apply_rule
from cper_lod.release.sources.read import read_sources
from cper_lod.release.storage.quad_file import QuadFile
from tests.support.paths import ROOT

LILLE = "<https://w3id.org/cper-lod/id/territoire/lille> "
NAME, CODE = f"{LILLE}<{SKOS}prefLabel> ", f"{LILLE}<{PREFIXES['igeo']}codeINSEE> "
CHANGES = {
    "that of another town of that name": (
        {NAME: ("Lille", "Saint-Denis"), CODE: ("59350", "97411")},
        "identifier-of",
        "Saint-Denis (commune, 974)",
    ),
    "that of nobody": ({CODE: ("59350", "00000")}, "identifier-differs", "59350"),
}
"""Beginnings of lines, and what is another word in them; the rule that tells it, and whom or what it names."""


@pytest.mark.parametrize("case", CHANGES)
def test_an_identifier_that_is_not_of_its_thing_is_told_with_the_known_one(case: str, tmp_path: Path) -> None:
    changes, rule, known = CHANGES[case]
    sources, lines = read_sources(ROOT), set[str]()
    for line in (each.decode() for each in sources.published.lines()):
        words = next((words for start, words in changes.items() if line.startswith(start)), ("", ""))
        lines.add(line.replace(*words) if words[0] else line)
    (tmp_path / "changed.nq").write_text("".join(sorted(f"{each}\n" for each in lines)), "utf-8")
    changed = replace(sources, whole_dump=replace(sources.whole_dump, quads=QuadFile(tmp_path / "changed.nq")))
    (told,) = (each for each in ACTOR_RULES if each.key == "identifier-of")
    found, _ = apply_rule(told, PublishedData(changed))
    (about,) = (each for each in found if each.value == changes[CODE][1])
    assert about.rule == rule
    assert known in about.messages["fr"]
