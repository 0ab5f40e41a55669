"""The lists of things by class: /doc names the classes, /doc/<class> lists the things of one class page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from flask import Blueprint, Response, request

from cper_lod.core import formatting
from cper_lod.core.errors import Language, Phrase, Problem
from cper_lod.core.formats import GEOJSON, HTML, JSON, LOCALIZED, Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import SUBV, VOCABULARIES
from cper_lod.release.documents import has_document, nothing_about
from cper_lod.release.plan.listed import FIGURE_COLUMNS
from cper_lod.release.storage.class_listing import Class
from cper_lod.release.tables.class_table import Cell, ClassTable, class_table
from cper_lod.web.api import parameters
from cper_lod.web.api.parameters import page_links
from cper_lod.web.api.resources import Json, ResourceReader, document_url, json_bytes, number, things_of_page
from cper_lod.web.api.schemas import main_type
from cper_lod.web.api.signposting import description_links
from cper_lod.web.documents import table_pages, things
from cper_lod.web.documents.choice import Choice, requested_choice
from cper_lod.web.documents.class_list import (
    MAX_HTML_PAGE_SIZE,
    TABLES,
    ListPage,
    class_label,
    forms_of,
    list_address,
    table_bytes,
)
from cper_lod.web.documents.geojson import feature_collection
from cper_lod.web.documents.lookup import find_document
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.headers import Link
from cper_lod.web.http.representation import Selection, select
from cper_lod.web.site import site

blueprint = Blueprint("lists", __name__)
PAGE_SIZE: Final[int] = parameters.SIZE.schema["default"]
MAX_PAGE_SIZE: Final[int] = parameters.SIZE.schema["maximum"]
"""Things on a page of a list: the default, and the maximum, which is the default of tables."""


@blueprint.get("/doc", defaults={"suffix": ""})
@blueprint.get("/doc.<suffix>")
def index(suffix: str) -> Response:
    """The classes of the release, each with its list; `?class=…` gives the list of any class by its IRI."""
    if "class" in request.args:
        iri = urls.iri_parameter("class")
        cls = site().release.listing.of(iri)
        if cls is None and not has_document(site().release, iri):
            raise nothing_about(iri)
        return _list_of_class(cls or Class(iri, 0, 0, ""), "/doc", {"class": iri}, suffix)
    # Our own classes first: people look for these.
    classes = sorted(site().release.listing.classes, key=lambda each: not each.iri.startswith(VOCABULARIES))
    selected = select("/doc", suffix, (JSON, HTML), localized=LOCALIZED)
    is_page = selected.format is HTML
    body = table_pages.index_page(classes) if is_page else json_bytes(_index_json(classes, selected))
    links = description_links(selected, "ListeDesClasses")
    return selected.respond(body, links=links, vary=("Accept-Language",))


@blueprint.get("/doc/<name>")
def named(name: str) -> Response:
    """The list of a class (`/doc/subdivision`, `/doc/org-formal-organization`), as a page, JSON or a table; `?sort=part` orders it by a column.

    `?part=48`, `part__gt=20`, `part__lt=50` and `part__null=true` choose rows, `?fields=nom,part` columns. Territories with an outline are GeoJSON, too: `/doc/geo-feature.geojson`.

    If a thing has this name, its document is answered instead.
    """
    stem, dot, suffix = name.rpartition(".")
    asked = [(name, ""), (stem, suffix)] if dot else [(name, "")]
    for slug, ending in asked:
        cls = site().release.listing.called(slug)
        if cls and not any(find_document(each) for each in {name, slug}):
            return _list_of_class(cls, f"/doc/{slug}", {}, ending)
    return things.doc(name)


def _list_of_class(cls: Class, path: str, query: dict[str, str], suffix: str) -> Response:
    """Return one page of the list of a class."""
    offers = forms_of(cls.iri)
    selected = select(path, suffix, offers, localized=offers)
    form, lang, items = selected.format, _lang(selected.format), list[Json]()
    table = class_table(site().release, cls.iri, document_url if form is JSON else urls.page_url)
    choice = requested_choice(table, form)
    listed = requested_page(table, path, query, form, choice)
    selected = replace(selected, query=listed.own_query)
    body: bytes | Response
    if form is HTML:
        body = table_pages.class_page(cls, table, listed)
    elif form is GEOJSON:
        body = feature_collection(listed.found.iris)
    elif form in TABLES:
        body = _class_table(table, listed, form)
    else:
        if choice.fields:
            items = [_flat(choice.fields, row) for row in listed.found.rows]
        else:
            items, page = things_of_page(site().release, listed.page, lang, in_order=bool(choice.sort))
            listed = replace(listed, found=listed.found._replace(page=page))
            selected = replace(selected, query=listed.own_query)
        title = translate("list-title", lang, name=class_label(cls.iri, lang))
        body = json_bytes(list_json(listed, selected, title, items))
    schema = "Lignes" if choice.fields else "Liste"
    return selected.respond(body, links=list_links(listed, selected, schema), vary=_vary(form))


def _flat(names: Sequence[str], row: Sequence[Cell]) -> Json:
    """Return a row in plain JSON: a member for each column, null where there is no value."""
    return {
        name: number(str(cell)) if isinstance(cell, Decimal) else cell for name, cell in zip(names, row, strict=True)
    }


def requested_page(table: ClassTable, path: str, query: dict[str, str], form: Format, choice: Choice) -> ListPage:
    """Return the page of the list of a class that the request asks for with `size` and `after`, of a choice of its rows.

    `path` and `query` are the address of the list. Raises `parameter-invalid`, `parameter-repeated`, `cursor-invalid`;
    `page-not-found` if nothing in the list is called `after`.
    """
    default = MAX_PAGE_SIZE if form in TABLES else PAGE_SIZE
    size = parameters.whole_number(parameters.SIZE) if "size" in request.args else default
    if form is HTML:
        size = min(size, MAX_HTML_PAGE_SIZE)
    query = query | choice.conditions
    first = urls.forms_of_page(path, query | choice.query, (form,), localized=(form,))[0][1]
    after = _after(urls.address(path, query | choice.query) if form is HTML else first)
    try:
        fields = table_pages.read_fields(table) if form is HTML else choice.fields or (None if form in TABLES else ())
        found = table.page(_lang(form), [*choice.where.values()], fields, choice.sort, after, size)
    except LookupError:
        hint = Phrase(
            f"The list has no “{after[:200]}”: start from {first}.",
            fr=f"La liste n’a pas « {after[:200]} » : repartez de {first}.",
        )
        raise Problem("page-not-found", path=request.full_path[:200], hint=hint) from None
    more = ({"size": str(size)} if size != default else {}) | choice.query
    return ListPage(table.cls, path, query, more, choice, found)


def list_links(listed: ListPage, selected: Selection, schema: str) -> list[Link]:
    """Return the typed links of a page of a list: its signposts, with the schema of its JSON, and its other pages."""
    others = {
        relation: urls.address(listed.path, query) if selected.negotiated else selected.address(query=query)
        for relation, query in ((each, listed.query_after(after)) for each, after in listed.other_pages.items())
    }
    return [*description_links(selected, schema), *page_links(others)]


def list_json(listed: ListPage, selected: Selection, name: str, items: list[Json]) -> Json:
    """Return a page of a list in plain JSON; its addresses keep form, page size and language."""
    pages = {
        "previous" if relation == "prev" else relation: _json_address(selected, listed.query_after(after))
        for relation, after in listed.other_pages.items()
    }
    return {
        "url": _json_address(selected, listed.own_query),
        "nom": name,
        "total": listed.found.total,
        **pages,
        "items": items,
    }


def _json_address(selected: Selection, query: dict[str, str]) -> str:
    return urls.public_url(urls.format_address(JSON, selected.path, {**query, **urls.language_parameter()}))


def _index_json(classes: Sequence[Class], selected: Selection) -> Json:
    """Return the list of classes in plain JSON."""
    lang = flask_responses.lang()
    reader = ResourceReader(site().release, lang)
    items = []
    for cls in classes:
        path, query = list_address(cls)
        address = urls.format_address(JSON, path, query | urls.language_parameter())
        known = main_type(site().release, [cls.iri]) or reader.term(cls.iri)
        name = class_label(cls.iri, lang)
        items.append({"nom": name, "type": known, "url": urls.public_url(address), "total": cls.count})
    more = {"more": True} if site().release.listing.more else {}
    here, name = _json_address(selected, {}), translate("classes", lang)
    return {"url": here, "nom": name, "total": len(items), **more, "items": items}


def _after(first: str) -> str:
    """Return the thing after which the page starts, empty for the first page; raises `cursor-invalid`."""
    text = urls.single_parameter("after") if "after" in request.args else ""
    if text and (len(text) > 8192 or not urls.ABSOLUTE.fullmatch(text)):
        raise Problem("cursor-invalid", name="after", value=text[:200], first=first)
    return text


def _vary(form: Format) -> tuple[str, ...]:
    return () if form in TABLES else ("Accept-Language",)


def _lang(form: Format) -> Language:
    """Return the language of a list in a format: that of the reader, of a table that of its address."""
    return flask_responses.table_lang() if form in TABLES else flask_responses.lang()


def _class_table(table: ClassTable, listed: ListPage, form: Format) -> bytes:
    """Return one page of a list as a table; raises `sheet-cell`."""
    names = listed.choice.fields or [each.name for each in table.columns]
    heads = [(name, table.known(name).kind) for name in names]
    address = urls.public_url(urls.address(listed.path, listed.own_query))
    return table_bytes(heads, listed.found.rows, form, address, _lang(form), _notes(listed, names))


def _notes(listed: ListPage, names: Sequence[str]) -> Iterator[str]:
    """Yield what a reader of a table with some columns must know: what may be added up, and that there are more rows."""
    lang, shown, total = flask_responses.table_lang(), len(listed.found.rows), listed.found.total
    if shown < total:
        count = formatting.number(total, lang)
        yield translate("sheet-part", lang, shown=formatting.number(shown, lang), count=count)
    if "mesure" in names:
        yield translate("sheet-sums", lang)
    elif listed.cls != SUBV + "Subvention" and any(each in names for each in FIGURE_COLUMNS):
        yield translate("sheet-no-sums", lang)
