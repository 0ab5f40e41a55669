"""The page of a contract: its money, axes, signatories and dates, each with its words; what its sources do not say.

Everything that the data state about a contract, property by property, is on the page of /describe.
"""

from functools import partial

from flask import Response
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.formats import JSON_LD, TURTLE
from cper_lod.core.namespaces import CPER
from cper_lod.rdf.graph import Graph
from cper_lod.release.documents import Document, nothing_about
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.pictures import signatory_map
from cper_lod.release.pictures.figures import picture, pictures
from cper_lod.release.plan.contract import ContractSummary, contract_summary
from cper_lod.release.plan.finding import finding, headline
from cper_lod.release.plan.gaps import gaps
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.plan.passages import latest, passages
from cper_lod.web.components import embedded_jsonld as embedded
from cper_lod.web.components.dates import fact_date
from cper_lod.web.components.described import Described
from cper_lod.web.components.labels import LabelReader
from cper_lod.web.components.linked_datasets import MAX_DATASETS, dataset_summary
from cper_lod.web.components.subsidies import subsidy_section
from cper_lod.web.documents import contract_files
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site


def is_contract(about: Document) -> bool:
    """Return whether a document is about a contract."""
    return about.described and CPER + "Contrat" in about.types


def page(about: Document, path: str, query: dict[str, str]) -> Response:
    """Return the page of a contract."""
    release, lang, node = site().release, flask_responses.lang(), NamedNode(about.iri)
    reader = ReleaseGraph(release)
    observations = ObservationReader(reader, lang, partial(_beside, urls.address(path.rpartition("/")[0], {}) + "/"))
    summary = contract_summary(observations, about.iri)
    if summary is None:
        raise nothing_about(about.iri)
    found, words = finding(observations, summary), passages(observations, about.iri)
    said = headline(found, summary, lang)
    crumbs = _crumbs(reader, node)
    canonical = urls.public_url(urls.address(path, query))
    linked = [dataset_summary(observations, each) for each in reader.all(node, CPER + "jeuLie")[:MAX_DATASETS]]
    told = latest(words)
    return flask_responses.page(
        "contract.html",
        about=about,
        contract=summary,
        found=found,
        title=summary.title,
        headline=said if said != summary.title else "",
        sirens=_sirens(observations, node),
        pictures=pictures(summary, lang),
        passages=words,
        gaps=gaps(observations, summary, words),
        known_subsidies=subsidy_section(release, observations, node, "axes", "grantors", "years", "territories"),
        latest=told,
        day=None if told[0] else fact_date(observations, node),
        map=picture(release, observations, summary, signatory_map.NAME),
        datasets=sorted(linked, key=lambda each: each.title),
        tables=contract_files.table_forms(about.iri),
        cite=contract_files.cite_link(about.iri),
        everything=urls.link("/describe", iri=about.iri),
        crumbs=crumbs,
        forms=urls.forms_of_page(path, query),
        outside=urls.external_link(about.iri),
        curl=urls.curl_command(path, query),
        canonical=canonical,
        description=formatting.brief(f"{said}. {found.definition}"),
        embedded_jsonld=_embedded(reader, summary, canonical, crumbs),
    )


def _beside(folder: str, iri: str) -> str:
    """Return the link to the page about an IRI, without the folder of this page if it lies in it: most links do."""
    link = urls.page_link(iri)
    inside = link.removeprefix(folder)
    return link if ":" in inside else inside  # what precedes a colon would be the scheme of a URL


def _sirens(observations: ObservationReader, node: NamedNode) -> dict[str, str]:
    """Return the SIREN of each signatory that has one, by the address of its page."""
    reader = observations.reader
    found = (
        (observations.address(each), reader.value(each, CPER + "siren")) for each in reader.all(node, CPER + "signePar")
    )
    return {address: siren for address, siren in found if siren}


def _crumbs(reader: ReleaseGraph, node: NamedNode) -> list[Hyperlink]:
    """Return the list of the class of a contract."""
    names = LabelReader(reader, Graph(()), flask_responses.lang())
    kind = names.main_class(reader.types(node))
    listed = site().release.listing.of(kind)
    return [Hyperlink(formatting.capital(names.name(kind)), urls.link(f"/doc/{listed.slug}"))] if listed else []


def _embedded(reader: ReleaseGraph, summary: ContractSummary, canonical: str, crumbs: list[Hyperlink]) -> list[str]:
    """Return the schema.org description of the page: the contract is a dataset with its files."""
    lang = flask_responses.lang()
    path, query = urls.page_address(summary.iri)
    forms = [*contract_files.table_forms(summary.iri), *urls.format_addresses(path, query, (TURTLE, JSON_LD))]
    files = [(urls.public_url(address), form.media_type) for form, address in forms]
    about = embedded.schema_org_contract(Described(reader, NamedNode(summary.iri), lang), canonical, files)
    return [embedded.script(embedded.schema_org_page(about, canonical, crumbs, lang, summary.title))]
