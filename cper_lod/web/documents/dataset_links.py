"""Links with outside datasets: /links lists which thing joins which dataset, by which key and with which values."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Final, NamedTuple

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from cper_lod.core.formats import CSV, HTML, JSON
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCAT, SCHEMA
from cper_lod.release.documents import mentions
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import ObservationReader
from cper_lod.release.storage.triples import Count
from cper_lod.release.tables.class_table import class_table
from cper_lod.release.tables.rows import csv_lines
from cper_lod.web.api.resources import Json, ResourceReader, json_bytes
from cper_lod.web.components.linked_datasets import (
    DATASET,
    LINK,
    LinkedValue,
    LinkState,
    by_join,
    link_state,
    linked_values,
)
from cper_lod.web.documents.choice import Choice
from cper_lod.web.documents.class_list import ListPage, list_address
from cper_lod.web.documents.lists import list_json, list_links, requested_page
from cper_lod.web.documents.table_pages import count_sentence, pager
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.representation import select
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import site

blueprint = Blueprint("dataset_links", __name__)
PATH: Final = "/links"
FORMS: Final = (HTML, JSON, CSV)
CLASS: Final = DCAT + "Relationship"
"""The class whose things are the links: /links is its list, and has the pages and the number of that."""
MAX_SHOWN: Final = 100
"""Breakdowns without a dataset that the first page names, and joins that are read for it."""
CSV_HEADS: Final = (
    *("jeu", "cle", "colonne", "valeur", "type", "chose", "lignes", "tient", "verifie", "constat"),
    *("lignes_json", "lignes_csv", "jeu_id", "chose_id"),
)


class DatasetLink(NamedTuple):
    """A link, its dataset, the thing that it is of, the key, the column of their file, what was found, the values."""

    link: NamedNode
    dataset: NamedNode
    thing: NamedNode
    key: NamedNode | None
    column: str
    state: LinkState
    values: tuple[LinkedValue, ...]


@blueprint.get(PATH, defaults={"suffix": ""})
@blueprint.get(f"{PATH}.<suffix>")
def links(suffix: str) -> Response:
    """The links with outside datasets: which thing joins which dataset, by which key and values; as a page, JSON and CSV.

    `?size=` sets the number on a page, `?after=` is in the links to the other pages.
    """
    selected = select(PATH, suffix, FORMS, localized=FORMS)
    listed = requested_page(class_table(site().release, CLASS), PATH, {}, selected.format, Choice())
    selected = replace(selected, query=listed.own_query)
    lang = flask_responses.table_lang() if selected.format is CSV else flask_responses.lang()
    typed, title = list_links(listed, selected, "ListeDesJointures"), translate("dataset-links", lang)
    reader = ResourceReader(site().release, lang)
    observations = ObservationReader(ReleaseGraph(site().release), lang, urls.page_link)
    found = _links(reader, observations, listed.found.iris)
    if selected.format is HTML:
        return selected.respond(_page(listed, title, found, observations), links=typed)
    if selected.format is JSON:
        items, apart = (
            [_item(each, reader) for each in found],
            [reader.reference(each) for each in _apart(reader.graph)],
        )
        more: Json = {"sansJeu": apart} if apart else {}
        body = json_bytes(list_json(listed, selected, title, items) | more)
        return selected.respond(body, links=typed, vary=("Accept-Language",))
    body = b"".join(csv_lines(chain([CSV_HEADS], _rows(found, reader))))
    return selected.respond(body, links=typed)


def _links(reader: ResourceReader, observations: ObservationReader, iris: Iterable[str]) -> Iterator[DatasetLink]:
    """Yield the links with these IRIs; one without a dataset or a thing, which the shapes refuse, joins nothing."""
    for iri in iris:
        link = NamedNode(iri)
        dataset, key, graph = reader.one(link, DATASET), reader.one(link, CPER + "cle"), reader.graph
        for quad in mentions(site().release, iri, 100):
            if quad.predicate.value == LINK and isinstance(quad.subject, NamedNode) and dataset:
                column, state = graph.value(link, CPER + "colonne"), link_state(graph, link, observations.lang)
                values = tuple(linked_values(observations, link, None))
                yield DatasetLink(link, dataset, quad.subject, key, column, state, values)
                break


def _apart(graph: ReleaseGraph) -> list[NamedNode]:
    """Return the breakdowns of contracts that no join is about, on the first page."""
    if "after" in request.args:
        return []
    joins = map(NamedNode, graph.instances(CPER + "Rapprochement", MAX_SHOWN))
    joined = {each for join in joins for each in graph.all(join, CPER + "concerne")}
    return [each for each in map(NamedNode, graph.instances(CPER + "Decoupage", MAX_SHOWN)) if each not in joined]


def _item(link: DatasetLink, reader: ResourceReader) -> Json:
    """Return a link in plain JSON."""
    rows, state = [each.rows for each in link.values if each.rows], link.state
    return {
        "jeu": reader.reference(link.dataset),
        "chose": reader.reference(link.thing),
        "type": reader.main_class(link.thing) or "",
        **({"cle": reader.term(link.key.value)} if link.key else {}),
        **({"colonne": link.column} if link.column else {}),
        "valeurs": [each.value for each in link.values],
        **({"adresses": rows} if rows else {}),
        "tient": state.holds,
        **({"verifie": state.day} if state.day else {}),
        **({} if state.rows is None else {"lignes": state.rows}),
        "constat": state.text,
        "page": link.dataset.value,
    }


def _rows(found: Iterable[DatasetLink], reader: ResourceReader) -> Iterator[tuple[str, ...]]:
    """Yield a row of the CSV for each value of a link."""
    for each in found:
        dataset, thing = (reader.graph.label(node, reader.lang) for node in (each.dataset, each.thing))
        key, cls = reader.term(each.key.value) if each.key else "", reader.main_class(each.thing) or ""
        holds = "" if each.state.holds is None else str(each.state.holds).lower()
        rows = "" if each.state.rows is None else str(each.state.rows)
        for it in each.values:
            what = (dataset, key, each.column, it.value, cls, thing, rows, holds, each.state.day, each.state.text)
            yield *what, it.rows, it.csv, each.dataset.value, each.thing.value


def _page(listed: ListPage, title: str, found: Iterable[DatasetLink], observations: ObservationReader) -> Response:
    """Return the HTML page: by dataset, what its rows say, and the values with their rows."""
    links = [(each.link, observations.link(each.thing)) for each in found]
    datasets = site().release.listing.of(SCHEMA + "Dataset")
    apart = [
        (observations.link(each), observations.link(observations.reader.one(each, CPER + "contrat")))
        for each in _apart(observations.reader)
    ]
    path, query = list_address(datasets) if datasets else ("", {})
    return flask_responses.page(
        "links.html",
        title=title,
        linked=by_join(observations, links),
        apart=apart,
        lead=count_sentence(
            Count(listed.found.total, exact=True),
            len(links),
            ("dataset-links-count", "dataset-links-shown"),
        ),
        datasets=urls.link(path, **query) if datasets else "",
        pager=pager(listed),
        crumbs=[],
        forms=urls.forms_of_page(PATH, listed.own_query, FORMS, localized=FORMS, lang=flask_responses.lang_parameter()),
        curl=curl_command(PATH, listed.own_query | flask_responses.lang_parameter(), CSV.media_type),
        canonical=urls.public_url(urls.address(PATH, listed.own_query)),
    )
