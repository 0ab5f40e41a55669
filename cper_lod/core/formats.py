"""The table of formats."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from cper_lod.core.namespaces import FORMATS

Syntax = Literal["turtle", "lines", "rdfxml", ""]


@dataclass(frozen=True, eq=False)
class Format:
    """A format of documents or query results; there is one object for each.

    `aliases`: other media types for which it is sent, labelled with its own `media_type`.
    `iri`: its IRI in https://www.w3.org/ns/formats/, empty if it has none.
    `syntax`: what the reader and the writers of RDF share between formats: the tokens and prefixes of Turtle, a statement a
    line, the namespaces of RDF/XML.
    `profile`: the IRI of a profile (RFC 6906); a format with one is sent only to clients that request it.
    """

    name: str
    suffix: str
    media_type: str
    label: str
    aliases: tuple[str, ...] = ()
    charset: bool = True
    iri: str = ""
    syntax: Syntax = ""
    profile: str = ""

    @property
    def content_type(self) -> str:
        """The Content-Type header, with a charset, since data.gouv.fr reads `text/*` without one as Latin-1."""
        profile = f';profile="{self.profile}"' if self.profile else ""
        return self.media_type + ("; charset=utf-8" if self.charset else "") + profile


# fmt: off
def _format(
    name: str, suffix: str, media_type: str, label: str, w3c: str, aliases: str = "", *,
    charset: bool = True, syntax: Syntax = "",
) -> Format:
    iri = FORMATS + w3c if w3c else ""
    return Format(name, suffix, media_type, label, tuple(aliases.split()), charset, iri, syntax)


HTML: Final = _format("html", "html", "text/html", "HTML", "", "application/xhtml+xml")
TURTLE: Final = _format(
    "turtle", "ttl", "text/turtle", "Turtle", "Turtle", "application/x-turtle application/turtle",
    syntax="turtle")
JSON_LD: Final = _format(
    "jsonld", "jsonld", "application/ld+json", "JSON-LD", "JSON-LD", "application/json", charset=False)
N_TRIPLES: Final = _format(
    "ntriples", "nt", "application/n-triples", "N-Triples", "N-Triples", "text/plain", syntax="lines")
RDF_XML: Final = _format(
    "rdfxml", "rdf", "application/rdf+xml", "RDF/XML", "RDF_XML", "application/xml text/xml",
    syntax="rdfxml")
TRIG: Final = _format("trig", "trig", "application/trig", "TriG", "TriG", syntax="turtle")
N_QUADS: Final = _format(
    "nquads", "nq", "application/n-quads", "N-Quads", "N-Quads", "text/x-nquads", syntax="lines")
JSON: Final = _format("json", "json", "application/json", "JSON", "", "text/json", charset=False)
RESULTS_JSON: Final = _format(
    "results-json", "srj", "application/sparql-results+json", "SPARQL JSON", "SPARQL_Results_JSON",
    "application/json text/json", charset=False)
RESULTS_XML: Final = _format(
    "results-xml", "srx", "application/sparql-results+xml", "SPARQL XML", "SPARQL_Results_XML",
    "application/xml text/xml")
CSV: Final = _format("csv", "csv", "text/csv", "CSV", "SPARQL_Results_CSV")
TSV: Final = _format("tsv", "tsv", "text/tab-separated-values", "TSV", "SPARQL_Results_TSV")
XLSX: Final = _format(
    "xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX", "",
    charset=False)
GEOJSON: Final = _format("geojson", "geojson", "application/geo+json", "GeoJSON", "", charset=False)
# fmt: on

ALL: Final = (
    HTML, TURTLE, JSON_LD, N_TRIPLES, RDF_XML, TRIG, N_QUADS, JSON, RESULTS_JSON, RESULTS_XML, CSV, TSV, XLSX, GEOJSON,
)  # fmt: skip

RDF: Final = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML, TRIG)
"""The formats of a description in RDF; every list of formats of a document is made of it."""
VOCABULARY_FORMATS: Final = (TURTLE, HTML, *RDF[1:])
"""The formats of a document that only RDF says completely: ontology, shapes, catalogue."""
DOCUMENT_FORMATS: Final = (*VOCABULARY_FORMATS, JSON)
"""The formats of a document about a thing; the first is what no Accept header and `*/*` get."""
LOCALIZED: Final = (HTML, JSON)
"""The formats of a document that are in one language, that of the reader."""
JSON_LD_NS: Final = "http://www.w3.org/ns/json-ld#"
PROFILES: Final = {
    name: replace(JSON_LD, name=f"jsonld-{name}", aliases=(), profile=JSON_LD_NS + name)
    for name in ("framed", "compacted", "flattened", "expanded")
}
"""The JSON-LD formats by the name of their profile (JSON-LD 1.1, appendix C)."""
GRAPH_FORMATS: Final = (TURTLE, N_TRIPLES, JSON_LD, RDF_XML, N_QUADS, TRIG)
"""The formats of a CONSTRUCT or DESCRIBE result."""
SOLUTION_FORMATS: Final = (RESULTS_JSON, RESULTS_XML, CSV, TSV)
"""The formats of a SELECT or ASK result that SPARQL defines."""
RESULT_FORMATS: Final = (*SOLUTION_FORMATS, *GRAPH_FORMATS)
"""The formats of a result that the engine writes."""
TABLE_FORMATS: Final = (*SOLUTION_FORMATS, XLSX)
"""The formats in which a SELECT or ASK result is sent: a spreadsheet is made of it."""


def by_suffix(suffix: str, offers: Sequence[Format]) -> Format | None:
    """Return the offer with the file suffix `suffix`, None if there is none."""
    return next((offer for offer in offers if offer.suffix == suffix), None)
