"""Whatever is said in French and English is said in every language, and the languages are listed once."""

import ast
import re
from functools import cache

from cper_lod.core.errors import LANGUAGES
from tests.support.paths import ROOT

PACKAGE = ROOT / "cper_lod"
BY_THEMSELVES = {
    "core.errors": "the list itself",
    "importing.contracts.template": "the workbook has both languages side by side",
    "release.check.translations": "numbers, months and names are read in these two languages and compared",
    "rdf.shacl.messages": "a message in neither French nor English is shown in any language, English first",
}
"""The modules that list languages by themselves, and why."""


@cache
def collections() -> dict[str, list[ast.AST]]:
    """Return the collections written out in each module of the program that names French, by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts, text = path.relative_to(PACKAGE).with_suffix("").parts, path.read_text("utf-8")
        if parts[0] != "_sources" and "editor" not in parts and re.search("[\"']fr[\"']", text):
            nodes = ast.walk(ast.parse(text))
            kinds = (ast.Dict, ast.Tuple, ast.List, ast.Set)
            found[".".join(parts).removesuffix(".__init__")] = [node for node in nodes if isinstance(node, kinds)]
    return found


def test_every_table_of_words_speaks_every_language() -> None:
    looked, lacking = 0, []
    for name, nodes in collections().items():
        for node in nodes:
            if isinstance(node, ast.Dict):
                keys = {each.value for each in node.keys if isinstance(each, ast.Constant)}
                if {"fr", "en"} <= keys:
                    looked += 1
                    lacking += [f"{name}, line {node.lineno}"] if set(LANGUAGES) - keys else []
    assert lacking == []
    assert looked > 10


def test_the_languages_are_listed_once() -> None:
    listed = {
        name
        for name, nodes in collections().items()
        for node in nodes
        if isinstance(node, ast.Tuple | ast.List | ast.Set)
        and {"fr", "en"} <= {each.value for each in node.elts if isinstance(each, ast.Constant)}
    }
    assert listed == set(BY_THEMSELVES)
