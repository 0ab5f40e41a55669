"""Facts against facts, where SHACL does not read what they say: check digits, names and kinds."""

import re
from collections.abc import Iterator
from typing import Final

from pyoxigraph import Literal

from cper_lod.core.check_digits import is_siret, luhn
from cper_lod.core.identifiers import INSEE, KINDS, identifiers_like
from cper_lod.core.namespaces import BASE, CPER, ORG, PREFIXES, SKOS
from cper_lod.core.text import folded
from cper_lod.rdf.graph import Term
from cper_lod.rdf.report import Finding
from cper_lod.release.check.identifiers import IDENTIFIER_OF
from cper_lod.release.check.published import DataRule, PublishedData
from cper_lod.release.check.quotations import without_qualifier
from cper_lod.release.check.territories import TERRITORY_RULES, body_kind, territory_kind

_SIREN_OR_SIRET: Final = re.compile('"([0-9]{9}|[0-9]{14})"')
_KIND: Final = ORG + "classification"


def _check_digits(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each SIREN and SIRET: its check digit is wrong."""
    for subject, predicate, rest in data.triples_with(f"> <{CPER}sire"):
        if match := _SIREN_OR_SIRET.match(rest):
            right = (luhn if len(match[1]) == 9 else is_siret)(match[1])
            number = Literal(match[1])
            yield [] if right else [data.finding("check-digit", subject[1:-1], predicate[1:-1], number)]


def _territories(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each body and contract with a territory: its name is not that of its territory.

    The name of a body has that of its territory, or the reverse. A contract whose name has that of a region is of this one.
    """
    for node, territory in data.pairs(CPER + "territoire"):
        types, place = data.graph.types(node), _names(data, territory)
        if CPER + "Contrat" in types:
            words = _padded(" / ".join(map(folded, data.french_names(node))))
            regions = (_padded(folded(each.name)) for each in identifiers_like(f"{INSEE}region/").values())
            stated = [each for each in regions if each in words]
            right = not stated or any(_padded(each) in stated for each in place)
        elif any(each.startswith(PREFIXES["org"]) for each in types):
            is_compared = territory_kind(data, territory) != "pays" or body_kind(data, node) in KINDS
            own = _names(data, node) if is_compared else []
            right = not (own and place) or any(one in other or other in one for one in own for other in place)
        else:
            continue
        predicate, named = CPER + "territoire", " / ".join(place)
        yield [] if right else [data.finding("territory-differs", node.value, predicate, territory, named=named)]


def _kinds(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each body: its name is that of another kind."""
    kinds = {*data.concepts(f"{BASE}id/code/type-d-organisme")}
    for node in data.subjects(_KIND):
        words = _padded(" / ".join(_names(data, node)))
        named = {kind for kind in kinds if any(_padded(folded(each)) in words for each in data.french_names(kind))}
        others = [kind for kind in data.graph.all(node, _KIND) if named and kind not in named]
        yield [data.finding("kind-differs", node.value, _KIND, kind, named=words.strip()) for kind in others]


def _names(data: PublishedData, node: Term) -> list[str]:
    """Return the preferred French names of a thing, folded."""
    return [folded(without_qualifier(each)) for each in data.french_names(node, SKOS + "prefLabel")]


def _padded(text: str) -> str:
    """Return the words of a text between spaces, so that a word is found whole."""
    return " ".join(["", *re.findall(r"\w+", text), ""])


CONSISTENCY_RULES: Final = (
    DataRule("check-digit", _check_digits),
    DataRule("territory-differs", _territories),
    DataRule("kind-differs", _kinds),
    *TERRITORY_RULES,
    IDENTIFIER_OF,
)
