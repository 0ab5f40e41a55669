"""What the documentation of the ontology says of its versions: which there are, and what the one shown changed."""

from collections.abc import Iterable
from typing import NamedTuple

from pyoxigraph import NamedNode, Quad

from cper_lod.core.namespaces import CPER, DCT, ONTOLOGY, OWL, shorten
from cper_lod.rdf.graph import Graph
from cper_lod.release.docs.ontology import Ontology
from cper_lod.release.docs.revision import revision
from cper_lod.release.sources import versions
from cper_lod.web.components.shown import Value
from cper_lod.web.components.view import View
from cper_lod.web.http import formatting, responses, urls
from cper_lod.web.site import site


class VersionRow(NamedTuple):
    """A version: its number, its address, the day it was issued, whether it is the one shown, the present one."""

    number: str
    href: str
    day: str
    shown: bool
    current: bool


class VersionsPart(NamedTuple):
    """What a page says of versions: all of them, the number before the one shown, and what changed since, by kind."""

    rows: list[VersionRow]
    before: str
    changes: list[tuple[str, list[tuple[Value, str]]]]


def part(told: Ontology, quads: Iterable[Quad], view: View) -> VersionsPart:
    """Return what the page of the ontology `told` says of versions; nothing where it says none of itself."""
    release, lang = site().release, responses.lang()
    number = _number(told.graph.value(told.header, OWL + "versionIRI"))
    now, kept = versions.current(release), versions.kept(release)
    if release.mode != "contract" or not number or number not in (now, *kept):
        return VersionsPart([], "", [])
    rows = [
        VersionRow(each, urls.at(f"/ontology/{each}"), formatting.date(day, lang), each == number, each == now)
        for each, day in [(now, _issued(view)), *((each, _day(said)) for each, said in kept.items())]
        if each
    ]
    before = _number(told.graph.value(told.header, OWL + "priorVersion"))
    return VersionsPart(rows, before, _changes(before, kept.get(before, ()), quads, view) if before in kept else [])


def _changes(
    number: str, before: Iterable[Quad], after: Iterable[Quad], view: View
) -> list[tuple[str, list[tuple[Value, str]]]]:
    """Return what differs, by the sentence that names the kind: each term, and by what it is told otherwise."""
    found = revision(before, after)

    def gone(iri: str) -> Value:
        return Value(shorten(iri), href=urls.at(f"/ontology/{number}#{iri.removeprefix(CPER)}"))

    kinds: list[tuple[str, list[tuple[Value, str]]]] = [
        ("ontology-added", [(view.iri(iri), "") for iri in found.added]),
        ("ontology-withdrawn", [(gone(iri), "") for iri in found.withdrawn]),
        ("ontology-deprecations", [(view.iri(iri), "") for iri in found.deprecated]),
        (
            "ontology-changed",
            [(view.iri(iri), ", ".join(map(view.name, names))) for iri, names in found.changed.items()],
        ),
    ]
    return [(key, those) for key, those in kinds if those]


def replaced(told: Ontology) -> str:
    """Return the number of the present version where `told` is an earlier one, else nothing."""
    number, now = _number(told.graph.value(told.header, OWL + "versionIRI")), versions.current(site().release)
    return now if number and number != now else ""


def _number(iri: str) -> str:
    number = iri.removeprefix(versions.START)
    return number if versions.NUMBER.fullmatch(number) else ""


def _issued(view: View) -> str:
    return view.reader.value(NamedNode(ONTOLOGY), DCT + "issued")


def _day(quads: Iterable[Quad]) -> str:
    return Graph(quads).value(NamedNode(ONTOLOGY), DCT + "issued")
