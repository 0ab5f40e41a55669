"""A contract: its page, /plan/<contract> with its tidy table, and /cite/<contract>, which says how it is cited.

The page has a section for each kind of fact that there is, each fact with its words, and what its sources do not say. Everything that
the data state about a contract, property by property, is on the page of /describe.
"""

from collections.abc import Iterator
from typing import Any, Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import HTML, JSON_LD, TURTLE, Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCT, LIENS
from cper_lod.release.documents import Document, nothing_about
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.pictures.figures import pictures, priority_colours
from cper_lod.release.plan.finding import finding, headline
from cper_lod.release.plan.listed import FIGURE_COLUMNS, NAME, NUMBER
from cper_lod.release.plan.observations import FIGURES as FIGURE_CLASSES
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.plan.receipts import contract_receipts
from cper_lod.release.plan.silence import contract_letter, silence
from cper_lod.release.release import Release
from cper_lod.release.tables.class_table import URL, Cell, class_table
from cper_lod.web.components import citation
from cper_lod.web.components import embedded_jsonld as embedded
from cper_lod.web.components.citation import Citation
from cper_lod.web.components.comparison import summary_of
from cper_lod.web.components.dates import fact_date
from cper_lod.web.components.described import Described
from cper_lod.web.components.linked_datasets import MAX_DATASETS, dataset_summary
from cper_lod.web.components.subsidies import subsidy_section
from cper_lod.web.components.takes import takes
from cper_lod.web.documents import embed
from cper_lod.web.documents.class_list import TABLES, class_label, table_bytes
from cper_lod.web.documents.lookup import candidate_iris, find_contract, raise_if_gone, split_form
from cper_lod.web.http import flask_responses, templating, urls
from cper_lod.web.http.headers import Link
from cper_lod.web.http.representation import Selection, select
from cper_lod.web.site import site

blueprint = Blueprint("contract_files", __name__)
COLUMNS: Final = {
    **{NAME: "text", NUMBER: "number", "unite": "text", "mesure": "text", "min": "number", "max": "number"},
    **dict.fromkeys(("nature", "statut", "motif", "perimetre", "mots", "financeur", "subdivision", "source"), "text"),
}
"""The columns, named as in the tables of the classes of figures, each with the kind of its values.

Values of one `mesure` and one `unite` may be added up; those whose `mesure` says so belong to no sum. `min` and `max` are the bounds
of a computed value.
"""
CITE_FORMS: Final = (citation.BIBTEX, HTML)
"""The formats of the citation of a contract."""


def table_forms(iri: str) -> list[tuple[Format, str]]:
    """Return the formats of the table of a contract with their addresses; none for one outside the base IRI."""
    name, lang = urls.local_name(iri), flask_responses.lang_parameter()
    return urls.forms_of_page(f"/plan/{name}", {}, TABLES, localized=TABLES, lang=lang) if name else []


def cite_link(iri: str) -> str:
    """Return the link to the page that says how a contract is cited, empty if there is none."""
    name = urls.local_name(iri)
    return urls.link(f"/cite/{name}") if name and site().rights.publisher else ""


@blueprint.get("/plan/<path:path>")
def plan(path: str) -> Response:
    """The tidy table of a contract: a row for each value, with its nature, scope, words and source.

    `/plan/contrat/….csv`, `.xlsx`. A computed amount is the interval that rounding leaves to it.
    """
    name, form = split_form(path, TABLES)
    iri = _contract(name)
    selected = select(f"/plan/{name}", form.suffix if form else "", TABLES, localized=TABLES)
    body = _table(iri, selected.format, selected.address(), flask_responses.table_lang())
    return selected.respond(body, links=_links(selected, name))


@blueprint.get("/cite/<path:path>")
def cite(path: str) -> Response:
    """How the data about a contract are cited, shared and embedded: a page, `/cite/contrat/….bib` (BibTeX), with the release."""
    name, form = split_form(path, CITE_FORMS)
    iri = _contract(name)
    selected = select(f"/cite/{name}", form.suffix if form else "", CITE_FORMS, localized=CITE_FORMS)
    observations = ObservationReader(ReleaseGraph(site().release), flask_responses.lang())
    cited = citation.citation(observations, iri)
    if cited is None:
        raise Problem("page-not-found", path=request.path[:200])
    if selected.format is HTML:
        return selected.respond(_cite_page(observations, cited), links=_links(selected, name))
    return selected.respond(citation.bibtex(cited).encode(), links=_links(selected, name), vary=("Accept-Language",))


def _cite_page(observations: ObservationReader, cited: Citation) -> Response:
    """Return the page that says how a contract is cited, shared and embedded."""
    contract, lang = summary_of(cited.identifier), observations.lang
    drawn = pictures(contract, lang).values() if contract else ()
    return flask_responses.page(
        "citation.html",
        title=f"{translate('cite-cite', lang)} · {translate('cite-share', lang)} · {translate('cite-embed', lang)}",
        cited=cited,
        embeds=embed.frames(contract, drawn) if contract else (),
        crumbs=[Hyperlink(cited.title, urls.page_link(cited.identifier))],
    )


def _contract(name: str) -> str:
    """Return the IRI of the contract with a name below `id/`; raises `page-not-found` and `withdrawn`."""
    if iri := find_contract(name):
        return iri
    for each in candidate_iris(name):
        raise_if_gone(each)
    raise Problem("page-not-found", path=request.path[:200])


def contract_rows(release: Release, iri: str, lang: Language) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """Yield the figures of a contract, each once, with the cells of its row."""
    seen = set[str]()
    for table in (class_table(release, cls) for cls in FIGURE_CLASSES):
        if not table.stored:  # there are none
            continue
        own = next((each.name for each in table.columns if each.name in FIGURE_COLUMNS), NUMBER)
        for figure, cells in table.below(iri, [own if name == NUMBER else name for name in COLUMNS], lang):
            if figure not in seen:
                seen.add(figure)
                yield figure, cells


def _table(iri: str, form: Format, address: str, lang: Language) -> bytes:
    """Return the table of a contract in a format and a language; raises `sheet-cell`."""
    rows = ((*cells, urls.page_url(each)) for each, cells in contract_rows(site().release, iri, lang))
    notes = [translate(each, lang) for each in ("plan-note", "sheet-sums")]
    return table_bytes([*COLUMNS.items(), (URL, "url")], rows, form, urls.public_url(address), lang, notes)


def _links(selected: Selection, name: str) -> list[Link]:
    """Return the typed links of a file of a contract: to its other formats, and to the page about the contract."""
    rights, forms = site().rights, dict(selected.public_addresses())
    links = [Link(address, "alternate", form.media_type) for form, address in forms.items()]
    links.append(Link(urls.public_url(urls.address(f"/doc/{name}", {})), "about"))
    links += [Link(rights.licence, "license")] if rights.licence else []
    return links


def is_contract(about: Document) -> bool:
    """Return whether a document is about a contract; a text that another one is made of has no page of a contract."""
    if not (about.described and CPER + "Contrat" in about.types):
        return False
    return not ReleaseGraph(site().release).referring(NamedNode(about.iri), DCT + "hasPart", ())


def page(about: Document, path: str, query: dict[str, str]) -> Response:
    """Return the page of a contract."""
    return flask_responses.article_page(_article, about, path, query)


def _article(about: Document, path: str, query: dict[str, str], lang: Language) -> dict[str, Any]:
    """Return the article about a contract, and what the frame of its page is given; raises `not-found`."""
    release, iri, node = site().release, about.iri, NamedNode(about.iri)
    reader = ReleaseGraph(release)
    observations = ObservationReader(reader, lang, urls.page_link)
    summary = summary_of(iri)
    if summary is None:
        raise nothing_about(iri)
    found = finding(observations, summary)
    drawn = pictures(summary, lang)
    said = headline(summary, lang)
    crumbs = [Hyperlink(formatting.capital(class_label(CPER + "Contrat", lang)), urls.link("/doc/contrat"))]
    linked = [dataset_summary(observations, each) for each in reader.all(node, LIENS + "jeuLie")[:MAX_DATASETS]]
    forms, curl = urls.forms_of_page(path, query), urls.curl_command(path, query)
    canonical = urls.public_url(urls.address(path, query))
    files = [*table_forms(iri), *urls.format_addresses(path, query, (TURTLE, JSON_LD))]
    dataset = embedded.schema_org_contract(
        Described(reader, node, lang), canonical, [(urls.public_url(link), form.media_type) for form, link in files]
    )
    article = templating.article(
        "contract.html",
        lang,
        about=about,
        contract=summary,
        found=found,
        title=summary.title,
        headline=formatting.capital(said.removeprefix(summary.title).lstrip(": \u00a0")),
        pictures=drawn,
        colours=priority_colours(summary.shared) if summary.shared else {},
        book=contract_receipts(observations, summary, found),
        takes=takes(summary, drawn),
        silence=silence(summary, found, lang),
        letter=contract_letter(release, iri),
        known_subsidies=subsidy_section(
            release, observations, node, "subdivisions", "grantors", "years", "territories"
        ),
        day=None if summary.leading_sources else fact_date(observations, node),
        datasets=sorted(linked, key=lambda each: each.title),
        tables=table_forms(iri),
        cite=cite_link(iri),
        everything=urls.link("/describe", iri=iri),
        forms=forms,
        curl=curl,
        outside=urls.external_link(iri),
    )
    return {
        "article": article,
        "title": summary.title,
        "page_title": summary.title,
        "description": formatting.brief(f"{said}. {found.definition}"),
        "crumbs": crumbs,
        "forms": forms,
        "curl": curl,
        "canonical": canonical,
        "embedded_jsonld": [embedded.script(dataset)],
    }
