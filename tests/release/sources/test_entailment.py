"""What the build adds to the sources: standard terms beside ours, and names for those who ask for rdfs:label."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from cper_lod.core.namespaces import CPER, DCT, ORG, PREFIXES, RDFS, STANDARD_TERMS, shorten
from cper_lod.release.release import Release
from cper_lod.release.sources.read import Entailment
from tests.support.names import BASE

ONTOLOGY = f"""
<{CPER}territoire> <{RDFS}subPropertyOf> <{DCT}spatial> .
<{CPER}siren> <{RDFS}subPropertyOf> <{ORG}identifier> .
<{CPER}subdivision> <{RDFS}subPropertyOf> <http://e.org/other> .
<http://e.org/territoire> <{RDFS}subPropertyOf> <{DCT}spatial> .
"""
CONTRACT = f"{BASE}id/contrat/c"
LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"


@pytest.fixture(scope="module")
def entailment() -> Entailment:
    return Entailment(parse(ONTOLOGY.encode(), RdfFormat.N_TRIPLES))


def added(entailment: Entailment, *lines: str) -> list[str]:
    piece = "".join(f"{line} .\n" for line in lines).encode()
    first, *more = entailment.complete([piece])
    assert first == piece
    return b"".join(more).decode().splitlines()


@pytest.mark.parametrize(
    ("line", "follows"),
    [
        (f"<{CONTRACT}> <{CPER}territoire> <e:t>", f"<{CONTRACT}> <{DCT}spatial> <e:t> ."),
        (f'<e:x> <{CPER}siren> "a <b> \\" ."', f'<e:x> <{ORG}identifier> "a <b> \\" ." .'),
        (f"<e:x> <{CPER}territoire> <e:y> <e:graph>", f"<e:x> <{DCT}spatial> <e:y> <e:graph> ."),
        (f"<e:x> <{CPER}subdivision> <e:y>", ""),
        ("<e:x> <http://e.org/territoire> <e:y>", ""),
        (f'<e:x> <e:p> "<e:x> <{CPER}territoire> <e:y>"', ""),
        (f'<{CONTRACT}> <{LABEL}> "Nom"@fr', f'<{CONTRACT}> <{RDFS}label> "Nom"@fr .'),
    ],
)
def test_what_follows_from_a_line(entailment: Entailment, line: str, follows: str) -> None:
    assert added(entailment, line) == ([follows] if follows else [])


def test_whatever_has_a_name_has_a_label(release: Release) -> None:
    store = Store.read_only(str(release.folder / "index"))
    nameless = """SELECT DISTINCT ?class { ?s a ?class FILTER NOT EXISTS { ?s rdfs:label ?name } }"""
    found = {shorten(row["class"].value) for row in store.query(nameless, prefixes=PREFIXES)}  # type: ignore[union-attr]
    assert found == {
        "cper:Enonce",  # its words are its name
        "cper:Lecture",  # so is its reason
        *(
            "oa:TextPositionSelector",
            "qb:ComponentSpecification",
            "sh:PrefixDeclaration",
            "spdx:Checksum",
            "vcard:Address",
        ),
    }


def test_the_reference_names_the_terms(release: Release) -> None:
    text = Path("docs/reference/sparql.md").read_text("utf-8")
    store = Store.read_only(str(release.folder / "index"))
    for term in STANDARD_TERMS:
        assert next(store.quads_for_pattern(None, NamedNode(term), None, None), None), term
        name = term.replace(DCT, "dct:").replace(ORG, "org:")
        assert f"`{name}`" in text
