"""The rules of the build: SPARQL CONSTRUCT queries that add measures and derived values to what contracts state.

They are the files of `ontology/rules/`, run in the order of their names: a rule reads what earlier ones added. They see
the things of contracts only (`id/contrat/…`), which are few: the time does not grow with the subsidies.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from pyoxigraph import Literal, NamedNode, Quad, QueryTriples, RdfFormat, Store

from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.namespaces import DCT, DEFINITIONS, ONTOLOGY, PROV, RDF, RDFS, SH, SKOS
from cper_lod.rdf.graph import IriTriple, to_quads
from cper_lod.release.sources.questions import read_query

CONTRACT_LINE: Final = re.compile(rb"^<[^>]*?/id/contrat/([^/>]+).*\n", re.MULTILINE)
"""A line of N-Quads about a thing of a contract, whose slug it tells."""
_NAME: Final = re.compile(r"[0-9]+-([a-z0-9]+(?:-[a-z0-9]+)*)")
_DERIVED: Final = "/derive/"


@dataclass(frozen=True)
class BuildRule:
    """A rule: its name, what it is called and what it does in each language, and its query."""

    name: str
    titles: Mapping[Language, str]
    descriptions: Mapping[Language, str]
    text: str

    @property
    def iri(self) -> str:
        """The IRI of the rule in the published data."""
        return f"{DEFINITIONS}regle/{self.name}"


def load_rules(folder: Path) -> list[BuildRule]:
    """Return the rules of the `.rq` files in `folder`, in the order in which they run; none if there is no folder.

    Raises `permission`, `source-encoding`, and `rule-invalid` if a name is not `1-name.rq`, if a header does not have the
    title and the description once in each language, and no other key, or if the text is not a CONSTRUCT query.
    """
    return [_rule(path) for path in sorted(folder.glob("*.rq"))]


def _rule(path: Path) -> BuildRule:
    name = _NAME.fullmatch(path.stem)
    if not name:
        raise Problem("rule-invalid", path=path, message="1-….rq")
    keys = (*LANGUAGES, *(f"{lang}-description" for lang in LANGUAGES))
    header, text = read_query(path, "rule-invalid", QueryTriples, *keys)
    titles, descriptions = ({lang: header[lang + end] for lang in LANGUAGES} for end in ("", "-description"))
    return BuildRule(name[1], titles, descriptions, text)


def describe_rules(rules: Iterable[BuildRule]) -> list[Quad]:
    """Return the triples that publish each rule: its names, what it does, and its query."""
    return [quad for rule in rules for quad in to_quads(_description(rule))]


def _description(rule: BuildRule) -> Iterator[IriTriple]:
    yield rule.iri, RDF + "type", NamedNode(PROV + "Plan")
    yield rule.iri, RDFS + "isDefinedBy", NamedNode(ONTOLOGY)
    yield rule.iri, SH + "construct", Literal(rule.text)
    for lang in LANGUAGES:
        yield rule.iri, SKOS + "prefLabel", Literal(rule.titles[lang], language=lang)
        yield rule.iri, DCT + "description", Literal(rule.descriptions[lang], language=lang)


def computed(rules: Iterable[BuildRule], lines: bytes) -> dict[str, list[Quad]]:
    """Return what rules add to the statements of contracts (N-Quads), by the path of the file that it belongs to.

    Measures belong to the file of the contract; derived values to `data/derived/<slug>.ttl`, which is never written.
    Each contract is looked at alone: no rule leads from one to another, and the time grows with their number only.
    """
    known, found = list(rules), dict[str, list[Quad]]()
    parts: dict[bytes, list[bytes]] = defaultdict(list)
    for line in CONTRACT_LINE.finditer(lines):
        parts[line[1]].append(line[0])
    for slug, part in sorted(parts.items()):
        for quad in _added(known, b"".join(part)):
            subject = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
            is_derived = f"/id/contrat/{slug.decode()}{_DERIVED}" in subject
            path = f"data/{'derived' if is_derived else 'contracts'}/{slug.decode()}.ttl"
            found.setdefault(path, []).append(quad)
    return found


def _added(rules: Iterable[BuildRule], lines: bytes) -> Iterator[Quad]:
    """Yield what rules add to the statements of one contract, rule by rule."""
    store = Store()
    store.bulk_load(lines, format=RdfFormat.N_QUADS)
    known = set(store)
    for rule in rules:
        made = cast(QueryTriples, store.query(rule.text))  # `_rule` accepts no other form
        new = {Quad(each.subject, each.predicate, each.object) for each in made} - known
        store.extend(new)
        known |= new
        yield from sorted(new, key=str)
