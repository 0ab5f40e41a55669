"""The links of signatories, territories and subdivisions with outside datasets: they follow from joins (`liens:Rapprochement`).

A join names a dataset, a file of it, a key, a column and what it is about: a kind of body, a class of territory, or a breakdown
of a contract (`cper:Decoupage`). Each thing of a contract of that kind that has a value for the key gets a link, so a new
contract has its links at once.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCAT, DCT, LIENS, ORG, PROV, RDF, SCHEMA, SKOS
from cper_lod.rdf.graph import Graph, IriTriple, Term, copied, to_quads

THING_LINE: Final = re.compile(
    rb"(?m)^<[^>]*/(?:def/rapprochement|id/(?:organisme|territoire|rapprochement)|datasets|explore/dataset|fr/ressources)/.*\n"
)
"""A line of N-Quads about a body, a territory, a join or an outside dataset (`cpers:jeu-lie-decrit` says its addresses)."""
VALUE: Final = "{valeur}"
"""What the value of the key replaces in the address of the rows (`schema:urlTemplate`)."""


def dataset_links(graph: Graph) -> dict[str, list[Quad]]:
    """Return the links of each contract, by the path of the file that they belong to, which is never written.

    `graph` has the contracts, their subdivisions, signatories and territories, the joins, and the datasets.
    """
    things = defaultdict[tuple[str, Term | None], list[Term]](list)
    for each in graph.subjects():
        for cls in graph.types(each):
            things[cls, graph.one(each, CPER + "contrat")].append(each)
    found = {}
    for contract in things[CPER + "Contrat", None]:
        about = [*_parties(graph, contract), *things[CPER + "Subdivision", contract]]
        joins = things[LIENS + "Rapprochement", None]
        triples = [each for join in joins for thing in about for each in _link(graph, join, thing)]
        named = {value for _, predicate, value in triples if predicate == LIENS + "jeuLie"}
        triples += [(contract.value, LIENS + "jeuLie", dataset) for dataset in named]
        if triples:
            slug = contract.value.rpartition("/")[2]
            found[f"data/links/{slug}.ttl"] = sorted(dict.fromkeys(to_quads(triples)), key=str)
    return found


def _parties(graph: Graph, contract: Term) -> list[Term]:
    """Return the territory of a contract, its signatories, and their territories, each once."""
    bodies = graph.all(contract, CPER + "signePar")
    territories = [each for body in (contract, *bodies) for each in graph.all(body, CPER + "territoire")]
    return list(dict.fromkeys([*bodies, *territories]))


def _link(graph: Graph, join: Term, thing: Term) -> Iterator[IriTriple]:
    """Yield the link of a thing by a join, if it is of the kind that the join is about and has a value for its key."""
    key, dataset = graph.value(join, LIENS + "cle"), graph.one(join, DCT + "relation")
    kinds = {
        cls for each in (RDF + "type", ORG + "classification", SKOS + "inScheme") for cls in graph.all(thing, each)
    }
    # Of a name, the French one: that is the language of the files.
    values = sorted({each.value for each in graph.all(thing, key) if getattr(each, "language", None) in (None, "fr")})
    if dataset is None or not values or kinds.isdisjoint(graph.all(join, LIENS + "concerne")):
        return
    link = f"{thing.value}/lien/{join.value.rpartition('/')[2]}"
    yield thing.value, DCAT + "qualifiedRelation", NamedNode(link)
    yield thing.value, LIENS + "jeuLie", dataset
    yield link, RDF + "type", NamedNode(DCAT + "Relationship")
    yield link, DCT + "relation", dataset
    yield link, PROV + "wasDerivedFrom", join
    for lang in LANGUAGES:
        name = translate("link-name", lang, thing=graph.label(thing, lang), dataset=graph.label(dataset, lang))
        yield link, SKOS + "prefLabel", Literal(name, language=lang)
    yield from copied(link, graph, join, (LIENS + "candidat", LIENS + "cle", LIENS + "colonne"))
    yield from ((link, SCHEMA + "value", Literal(each)) for each in values)
    if template := graph.value(join, SCHEMA + "urlTemplate"):
        yield from ((link, SCHEMA + "url", NamedNode(rows_address(template, each))) for each in values)


def rows_address(template: str, value: str) -> str:
    """Return the address of the rows with a value.

    >>> rows_address("https://ex.org/?siren__exact={valeur}", "2A 4")
    'https://ex.org/?siren__exact=2A%204'
    """
    return template.replace(VALUE, quote(value, safe=""))


def csv_address(rows: str) -> str:
    """Return the address of the same rows as CSV, "" where there is none.

    >>> csv_address("https://tabular-api.data.gouv.fr/api/resources/x/data/?siren__exact=1")
    'https://tabular-api.data.gouv.fr/api/resources/x/data/csv/?siren__exact=1'
    >>> csv_address("https://data.ofgl.fr/api/explore/v2.1/catalog/datasets/x/records?where=siren%3D1")
    'https://data.ofgl.fr/api/explore/v2.1/catalog/datasets/x/exports/csv?where=siren%3D1'
    """
    forms = (("/data/?", "/data/csv/?"), ("/records?", "/exports/csv?"))
    return next((rows.replace(json, csv) for json, csv in forms if json in rows), "")
