"""Synthetic plan contracts: copies of the project's own one under other names, with other bodies that grant."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from pyoxigraph import Quad, RdfFormat, parse

from benchmarks.harness import ROOT
from benchmarks.servers import CONTRACT
from benchmarks.synthetic_names import REGIONS, siren, siret, slug
from cper_lod.core.formats import TURTLE
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, PREFIXES
from cper_lod.importing.subsidies.attachment import Contract
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.serialize import write

OWN: Final = CONTRACT.removeprefix("contrat/")
PATHS: Final = ("data/contracts/{}.ttl", "data/statements/{}.ttl", "shapes/profiles/{}.ttl")
YEARS: Final = (2021, 2027)
_AXES: Final = range(1, 7)
_TEXT: Final = (CPER + "position", PREFIXES["spdx"] + "checksum")  # a synthetic document has no text
_GRANTORS: Final = (
    "Région fictive {}",
    "Département fictif de {}",
    "Agglomération fictive de {}",
    "Agence fictive de {}",
)


class SyntheticContract(NamedTuple):
    """A synthetic contract: its files by path, its axes, and by SIRET the bodies that grant subsidies under it."""

    slug: str
    region: int
    contract: Contract
    files: Mapping[str, str]
    grantors: Mapping[str, str]


def canonical(quads: Iterable[Quad]) -> str:
    """Return quads as Turtle, as `cper-lod format` writes it."""
    return write(canonical_literals(quads), TURTLE, names=PROGRAM).decode()


def make(number: int) -> SyntheticContract:
    """Return the contract of this number; regions come in turn."""
    region, again = number % len(REGIONS), number // len(REGIONS)
    name = REGIONS[region] + (f" {again + 1}" if again else "")
    name_slug = f"{slug(name)}-fictif-{YEARS[0]}-{YEARS[1]}"
    replaced = {
        OWN: name_slug,
        "communique-2023-01-09": f"communique-{name_slug}",
        "plan État-Région": f"plan fictif {name}",
        "plan État-région": f"plan fictif {name}",
        "State-Region plan": f"fictitious {name} plan",
    }
    files = {}
    for path in PATHS:
        text = (ROOT / path.format(OWN)).read_text("utf-8")
        for before, after in replaced.items():
            text = text.replace(before, after)
        quads = (
            each
            for each in parse(text, format=RdfFormat.TURTLE, base_iri=PROGRAM.address)
            if each.predicate.value not in _TEXT and not str(each.subject).endswith(("/empreinte>", "/position>"))
        )
        files[path.format(name_slug)] = canonical(quads)
    iri = f"{PROGRAM.address}id/contrat/{name_slug}"
    contract = Contract(iri, {f"axe/{axis}": f"{iri}/axe/{axis}" for axis in _AXES})
    numbers = range(number * len(_GRANTORS) + 1, (number + 1) * len(_GRANTORS) + 1)
    grantors = {siret(siren(each)): text.format(name) for each, text in zip(numbers, _GRANTORS, strict=True)}
    return SyntheticContract(name_slug, region, contract, files, grantors)
