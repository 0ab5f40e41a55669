"""The table of formats, and content negotiation as a pure function (RFC 9110, section 12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
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
BY_NAME: Final[Mapping[str, Format]] = {each.name: each for each in ALL}

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


@dataclass(frozen=True)
class MediaRange:
    """One element of an Accept header: type, subtype, parameters (`q` apart) and weight (0 to 1)."""

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...]
    q: float


def _split(text: str, separator: str) -> list[str]:
    """Split at `separator` outside quoted strings (RFC 9110, section 5.6.4)."""
    parts, start, quoted, escaped = [], 0, False, False
    for at, char in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char == separator and not quoted:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return [part.strip() for part in parts]


def _weight(text: str) -> float | None:
    """Return a qvalue (RFC 9110, section 12.4.2: 0 to 1, three decimals at most), None if malformed."""
    whole, _, decimals = text.partition(".")
    if whole not in ("0", "1") or len(decimals) > 3 or (decimals and not (decimals.isascii() and decimals.isdigit())):
        return None
    weight = float(text.rstrip("."))
    return weight if weight <= 1 else None


def weights(header: str) -> dict[str, float]:
    """Return the names in a list such as Accept-Encoding, in lower case, each with its highest weight.

    An element with a malformed weight is ignored.

    >>> weights("gzip;q=0.5, BR, *;q=0")
    {'gzip': 0.5, 'br': 1.0, '*': 0.0}
    """
    found: dict[str, float] = {}
    for element in _split(header, ","):
        name, *parameters = _split(element.lower(), ";")
        q: float | None = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                q = _weight(value.strip())
        if name and q is not None:
            found[name] = max(found.get(name, 0.0), q)
    return found


def media_ranges(accept: str) -> list[MediaRange]:
    """Return the media ranges of an Accept header; malformed elements are ignored, as section 12.5.1 allows.

    >>> media_ranges("text/turtle;q=0.5, */*;q=0.1")[0]
    MediaRange(type='text', subtype='turtle', parameters=(), q=0.5)
    """
    ranges = []
    for element in _split(accept, ","):
        name, *rest = _split(element, ";")
        type_, slash, subtype = name.lower().partition("/")
        if not (slash and type_ and subtype) or " " in name or (type_ == "*" and subtype != "*"):
            continue
        q: float | None = 1.0
        parameters = []
        for parameter in rest:
            key, _, value = parameter.partition("=")
            key, value = key.strip().lower(), value.strip().strip('"')
            if key == "q":
                q = _weight(value)
                break  # parameters after q are extensions, not parameters of the type
            if key:
                parameters.append((key, value.lower() if key == "charset" else value))
        if q is not None:
            ranges.append(MediaRange(type_, subtype, tuple(parameters), q))
    return ranges


def _specificity(offer: Format, each: MediaRange) -> int | None:
    """Return how specifically a media range matches `offer`, None if it does not match.

    0 for any type, 1 for its type, 2 for an alias, 3 for its media type, 4 for that with its profile.
    """
    parameters = dict(each.parameters)
    name = f"{each.type}/{each.subtype}"
    if offer.profile:
        named = name == offer.media_type and offer.profile in parameters.get("profile", "").split()
        return 4 if named else None
    if each.type == "*":
        return 0
    if each.subtype == "*":
        # A wildcard matches the media type that would be sent, not its aliases.
        return 1 if offer.media_type.startswith(each.type + "/") else None
    # Unknown parameters (profile, version) are ignored.
    if parameters.get("charset", "utf-8") not in ("utf-8", "utf8") or ("profile" in parameters and not each.q):
        return None
    return 3 if name == offer.media_type else 2 if name in offer.aliases else None


def _quality(offer: Format, ranges: Sequence[MediaRange]) -> tuple[float, int]:
    """Return the weight that the most specific matching range gives `offer`, and how explicitly it names it.

    The latter is 3 for its profile, 2 for its own media type, 1 for an alias, 0 for a wildcard.
    """
    best: tuple[int, float] = (-1, 0.0)
    for each in ranges:
        specificity = _specificity(offer, each)
        if specificity is not None:
            # At equal specificity, the higher weight counts: "a/b;q=0.2, a/b;p=1" accepts a/b with 1.
            best = max(best, (specificity, each.q))
    return best[1], max(best[0] - 1, 0)


def negotiate(accept: str | None, offers: Sequence[Format]) -> Format | None:
    """Return the offer that an Accept header prefers, None if none is acceptable (406).

    Without a header, and without a well-formed element in it, the first offer is returned. Among offers of equal weight,
    one named by its media type is preferred to one named by an alias, that to one matched by a wildcard; then the order
    of `offers` decides. Source: RFC 9110, section 12.5.1.

    >>> negotiate("application/ld+json, */*;q=0.1", DOCUMENT_FORMATS).name
    'jsonld'
    >>> negotiate("image/png", DOCUMENT_FORMATS) is None
    True
    """
    if accept is None:
        return offers[0]
    # Only short headers are cached, so that clients cannot fill the memory.
    return (_negotiate_cached if len(accept) <= 300 else _negotiate)(accept, tuple(offers))


def _negotiate(accept: str, offers: tuple[Format, ...]) -> Format | None:
    """Return the offer that an Accept header prefers."""
    ranges = media_ranges(accept)
    if not ranges:
        return offers[0]
    ranked = [(*_quality(offer, ranges), -place) for place, offer in enumerate(offers)]
    weight, _, place = max(ranked)
    return offers[-place] if weight > 0 else None


_negotiate_cached: Final = lru_cache(maxsize=1024)(_negotiate)
"""The same, for the few headers that browsers send: saves 3 to 6 % of the page of a thing."""


def by_suffix(suffix: str, offers: Sequence[Format]) -> Format | None:
    """Return the offer with the file suffix `suffix`, None if there is none."""
    return next((offer for offer in offers if offer.suffix == suffix), None)
