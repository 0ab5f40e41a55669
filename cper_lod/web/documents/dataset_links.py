"""Links with outside datasets: /links lists which thing joins which dataset, by which key and with which values."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from cper_lod.core.formats import CSV, HTML, JSON
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCAT, LIENS, SCHEMA
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import ObservationReader
from cper_lod.release.storage.triples import Count
from cper_lod.release.tables.class_table import class_table
from cper_lod.release.tables.rows import csv_lines
from cper_lod.web.api.resources import Json, ResourceReader, json_bytes
from cper_lod.web.components.described import observations_in
from cper_lod.web.components.linked_datasets import DATASET, LINK, by_join, link_state, linked_values
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
    observations = observations_in(lang)
    found = _links(reader, listed.found.iris)
    if selected.format is HTML:
        return selected.respond(_page(listed, title, found, observations), links=typed)
    if selected.format is JSON:
        items, apart = (
            [_item(*each, reader, observations) for each in found],
            [reader.reference(each) for each in _apart(reader.graph)],
        )
        more: Json = {"sansJeu": apart} if apart else {}
        body = json_bytes(list_json(listed, selected, title, items) | more)
        return selected.respond(body, links=typed, vary=("Accept-Language",))
    rows = chain.from_iterable(_rows(*each, reader, observations) for each in found)
    return selected.respond(b"".join(csv_lines(chain([CSV_HEADS], rows))), links=typed)


def _links(reader: ResourceReader, iris: Iterable[str]) -> Iterator[tuple[NamedNode, NamedNode, NamedNode]]:
    """Yield links with their datasets and things; one without either, which the shapes refuse, joins nothing."""
    for link in map(NamedNode, iris):
        quads = (quad for quad in site().release.triples.mentions(link.value, 100) if quad.predicate.value == LINK)
        thing = next((quad.subject for quad in quads if isinstance(quad.subject, NamedNode)), None)
        if (dataset := reader.one(link, DATASET)) and thing:
            yield link, dataset, thing


def _apart(graph: ReleaseGraph) -> list[NamedNode]:
    """Return the breakdowns of contracts that no join is about, on the first page."""
    if "after" in request.args:
        return []
    joins = map(NamedNode, graph.instances(LIENS + "Rapprochement", MAX_SHOWN))
    joined = {each for join in joins for each in graph.all(join, LIENS + "concerne")}
    return [each for each in map(NamedNode, graph.instances(CPER + "Decoupage", MAX_SHOWN)) if each not in joined]


def _item(
    link: NamedNode, dataset: NamedNode, thing: NamedNode, reader: ResourceReader, observations: ObservationReader
) -> Json:
    """Return a link in plain JSON."""
    key, column = reader.one(link, LIENS + "cle"), reader.graph.value(link, LIENS + "colonne")
    state, values = link_state(reader.graph, link, reader.lang), [*linked_values(observations, link, None)]
    rows = [each.rows for each in values if each.rows]
    return {
        "jeu": reader.reference(dataset),
        "chose": reader.reference(thing),
        "type": reader.main_class(thing) or "",
        **({"cle": reader.term(key.value)} if key else {}),
        **({"colonne": column} if column else {}),
        "valeurs": [each.value for each in values],
        **({"adresses": rows} if rows else {}),
        "tient": state.holds,
        **({"verifie": state.day} if state.day else {}),
        **({} if state.rows is None else {"lignes": state.rows}),
        "constat": state.text,
        "page": dataset.value,
    }


def _rows(
    link: NamedNode, dataset: NamedNode, thing: NamedNode, reader: ResourceReader, observations: ObservationReader
) -> Iterator[tuple[object, ...]]:
    """Yield a row of the CSV for each value of a link."""
    told = _item(link, dataset, thing, reader, observations)
    holds = "" if told["tient"] is None else str(told["tient"]).lower()
    for each in linked_values(observations, link, None):
        what = (told["jeu"]["nom"], *(told.get(name, "") for name in ("cle", "colonne")), each.value, told["type"])
        found = told["chose"]["nom"], told.get("lignes", ""), holds, told.get("verifie", ""), told["constat"]
        yield *what, *found, each.rows, each.csv, dataset.value, thing.value


def _page(
    listed: ListPage,
    title: str,
    found: Iterable[tuple[NamedNode, NamedNode, NamedNode]],
    observations: ObservationReader,
) -> Response:
    """Return the HTML page: by dataset, what its rows say, and the values with their rows."""
    links = [(link, observations.link(thing)) for link, _, thing in found]
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
