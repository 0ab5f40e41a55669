"""The operations of the API: every address that answers in JSON, with its parameters, schemas and errors.

Those about things are taken from the data: an address for each kind of path below `id/`, a list for each class.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple

from cper_lod.core.errors import LANGUAGES, Language, Phrase, table
from cper_lod.core.formats import GRAPH_FORMATS, JSON, JSON_LD, RESULTS_JSON, SOLUTION_FORMATS
from cper_lod.core.namespaces import RDFS
from cper_lod.release.documents import has_document, types
from cper_lod.release.release import DUMP, Release
from cper_lod.release.tables.datapackage import METADATA, PACKAGE, SCHEMA
from cper_lod.web.api import parameters, schemas
from cper_lod.web.http.links import LINKSET_JSON
from cper_lod.web.http.plain_json import FIGURES, RESOURCE, SHAPES, VERSION, main_type
from cper_lod.web.http.signposting import CSVW
from cper_lod.web.site import Site

Schema = Mapping[str, Any]
_SLUG: Final[Schema] = {"type": "string", "pattern": "^[^/]+$"}
_TEXT: Final[Schema] = {"type": "string"}
ELEMENT: Final = "element"
"""The parameter in a path that is one of a few names, such as the codes of a list."""
FORM: Final = "application/x-www-form-urlencoded"
MAXTHINGS: Final = 1000
"""Things of a class that are looked at for the kinds of their paths."""
MAX_LISTS: Final = 1000
"""Lists whose names are told."""
MAX_GRAPHS: Final = 50
"""Named graphs that are offered."""
COMMON: Final = (
    *("parameter-unknown", "parameter-invalid", "parameter-repeated", "request-invalid", "method-not-allowed"),
    *("not-acceptable", "precondition-failed", "rate-limited", "header-too-large", "unexpected"),
)
"""Errors that every operation can end with."""
_QUERY: Final = (
    *("parameter-missing", "query-syntax", "query-update", "query-service", "query-graph", "query-rows"),
    *("query-result", "query-depth", "query-failed", "query-crash", "body-too-large", "body-encoding"),
    *("format-unknown", "query-timeout", "query-cpu", "query-memory", "query-queue", "query-spool"),
    *("index-damaged", "engine-resources"),
)
THING: Final = ("not-found", "format-unknown", "document-too-large", "withdrawn", "withdrawn-replaced")
"""Errors that the document of a thing can end with."""
_RECONCILIATION: Final = ("reconciliation-invalid", "reconciliation-batch", "query-queue", "reconciliation-timeout")

TAGS: Final[Mapping[str, Phrase]] = {
    "lists": Phrase("Lists", fr="Listes"),
    "things": Phrase("Things", fr="Ressources"),
    "search": Phrase("Search", fr="Recherche"),
    "sparql": Phrase("SPARQL", fr="SPARQL"),
    "reconciliation": Phrase("Reconciliation", fr="Rapprochement"),
    "history": Phrase("Earlier states", fr="États antérieurs"),
    "files": Phrase("Tables and schemas", fr="Tables et schémas"),
    "service": Phrase("The server", fr="Le serveur"),
}
"""The groups of operations, in their order."""


@dataclass(frozen=True)
class Operation:
    """One operation: a method of an address.

    `endpoint` is the view that answers, whose query parameters it has. `answers` are the schemas by media type; `values`
    are values of parameters with which it can be tried; `schemas` are the schemas of the parameters in the path that are
    not any name; `errors` are the errors of its own; `body` are the schemas of the body by media type. `inline` says that
    its example is in the description, where it is not too long; else the address of the example is there.
    """

    id: str
    path: str
    endpoint: str
    tag: str
    summary: Phrase
    answers: Mapping[str, Schema]
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[str] = ()
    schemas: Mapping[str, Schema] = field(default_factory=dict)
    method: str = "get"
    body: Mapping[str, Schema] = field(default_factory=dict)
    inline: bool = True

    @property
    def path_parameters(self) -> list[tuple[str, Schema]]:
        """The parameters in the path, each with its schema."""
        return [(name, self.schemas.get(name, _SLUG)) for name in re.findall(r"{(\w+)}", self.path)]

    @property
    def statuses(self) -> dict[int, list[str]]:
        """The codes of its errors by status."""
        return by_status((*self.errors, *COMMON))


def by_status(codes: Iterable[str]) -> dict[int, list[str]]:
    """Return codes of errors by their status."""
    found: dict[int, list[str]] = {}
    for code in codes:
        found.setdefault(table()[code].status, []).append(code)
    return dict(sorted(found.items()))


def ref(name: str) -> Schema:
    """Return a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def _json(name: str) -> Mapping[str, Schema]:
    return {JSON.media_type: ref(name)}


def operations(site: Site) -> list[Operation]:
    """Return all operations of a site, in the order of the groups; in each, the contract comes first."""
    things = list(_named_things(site))
    contract = next((thing for thing in things if thing.shape == "Contrat"), None)
    found = [
        *_lists(site, things),
        *_things(site.release, things),
        *_fixed(site.release, contract, site.settings.public_url),
        *(_contract_files(contract) if contract else ()),
        *_files(site.release),
    ]
    if site.timeline and not site.moment and contract:
        found += _history(site.timeline.current.release, contract)
    return sorted(found, key=lambda each: list(TAGS).index(each.tag))


class NamedThing(NamedTuple):
    """A thing below `id/`: its class, the slug of the list of that, the shape of its JSON, and its path below `id/`."""

    iri: str
    shape: str
    cls: str
    slug: str
    name: str


def _named_things(site: Site) -> Iterator[NamedThing]:
    """Yield the things that have an address below /doc, class by class."""
    release, start = site.release, f"{site.settings.base_iri}id/"
    if release.mode != "contract":
        return  # data served as given have no shapes (`main_type`), and any names
    for cls in release.listing.classes:
        slug = cls.slug if cls.slug and release.listing.called(cls.slug) is cls else ""
        for iri in islice(release.listing.things(cls.iri), MAXTHINGS):
            if iri.startswith(start) and "#" not in iri:  # a fragment is beside what it is a part of
                shape = main_type(release, types(release, iri)) or RESOURCE
                yield NamedThing(iri, "Figure" if shape in FIGURES else shape, cls.iri, slug, iri[len(start) :])


def _lists(site: Site, things: Sequence[NamedThing]) -> Iterator[Operation]:
    """Yield the lists of the classes whose things have shapes, the other lists as one operation, and all classes."""
    release, listing = site.release, site.release.listing
    shapes: dict[tuple[str, str], dict[str, None]] = {}
    for thing in things:
        if thing.slug and main_type(release, [thing.cls]):  # a narrower or wider class has the same things again
            shapes.setdefault((thing.cls, thing.slug), {})[thing.shape] = None
    for _, slug, known in sorted((min(map(_place, known)), slug, [*known]) for (_, slug), known in shapes.items()):
        items = {"properties": {"items": {"items": {"anyOf": [ref(each) for each in known]}}}}
        yield Operation(
            "list" + _camel(slug), f"/doc/{slug}.json", "lists.named", "lists", _description(known, listed=True),
            {JSON.media_type: {"allOf": [ref("Liste"), items]}},
            errors=("cursor-invalid", "page-not-found"),
            values={"size": "1"},
        )  # fmt: skip
    start, described = f"{site.settings.base_iri}id/", {slug for _, slug in shapes}
    others = sorted(
        cls.slug
        for cls in listing.classes
        if cls.slug
        and cls.slug not in described
        and listing.called(cls.slug) is cls
        and not has_document(release, start + cls.slug)
    )
    if others:
        known_names: Schema = {"list": {"type": "string", "enum": others}} if len(others) <= MAX_LISTS else {}
        yield Operation(
            "listOther", "/doc/{list}.json", "lists.named", "lists",
            Phrase("The list of any other class.", fr="La liste d'une autre classe."),
            _json("Liste"),
            errors=(*THING, "cursor-invalid", "page-not-found"),
            values={"list": others[0], "size": "1"},
            schemas=known_names,
            inline=False,
        )  # fmt: skip
    yield Operation(
        "listClasses", "/doc.json", "lists.index", "lists",
        Phrase("All classes, each with its list; with the parameter class, the list of one.",
               fr="Toutes les classes, chacune avec sa liste ; avec le paramètre class, la liste de l'une d'elles."),
        {JSON.media_type: {"anyOf": [ref("ListeDesClasses"), ref("Liste")]}},
        errors=("not-found", "iri-invalid", "cursor-invalid"),
    )  # fmt: skip
    yield Operation(
        "listLinks", "/links.json", "dataset_links.links", "lists",
        Phrase("What joins with the datasets of data.gouv.fr: thing, key and value.",
               fr="Ce qui se joint aux jeux de données de data.gouv.fr : ressource, clé et valeur."),
        _json("ListeDesJointures"),
        errors=("cursor-invalid", "page-not-found"),
        values={"size": "1"},
    )  # fmt: skip


def _place(shape: str) -> int:
    """Return the place of a shape in the order of operations."""
    return SHAPES.index(shape) if shape in SHAPES else len(SHAPES)


def _description(shapes: Iterable[str], *, listed: bool = False) -> Phrase:
    """Return what a thing of one of these shapes is, from the descriptions of the shapes; `listed`: what each item is."""
    known: dict[Language, list[str]] = {
        lang: [schemas.definitions(lang)[each]["description"].rstrip(".") for each in shapes] for lang in LANGUAGES
    }
    english, french = " / ".join(known["en"]), " / ".join(known["fr"])
    if not listed:
        return Phrase(f"{english}.", fr=f"{french}.")
    english, french = english[:1].lower() + english[1:], french[:1].lower() + french[1:]
    return Phrase(f"List; each item: {english}.", fr=f"Liste ; chaque élément : {french}.")


class _Path(NamedTuple):
    """The things whose paths are of one kind: the values of the first, their shapes and names, the first thing."""

    values: dict[str, str]
    shapes: dict[str, None]
    elements: set[str]
    first: NamedThing


def _things(release: Release, things: Sequence[NamedThing]) -> Iterator[Operation]:
    """Yield the addresses of things by the kinds of their paths, those with shapes first, and that of any thing."""
    found: dict[str, _Path] = {}
    for thing in things:
        template, values = path_template(thing.name)
        element = ""
        if thing.shape == RESOURCE and template.count("/") % 2 == 0:
            parent, _, element = template.rpartition("/")
            if not parent:
                continue  # its address is of the kind of the lists
            template, values = f"{parent}/{{{ELEMENT}}}", values | {ELEMENT: element}
        path = found.setdefault(template, _Path(values, {}, set(), thing))
        path.shapes[thing.shape] = None
        path.elements.add(element)
    places = {template: min(map(_place, path.shapes)) for template, path in found.items()}
    for template, path in sorted(found.items(), key=lambda each: (places[each[0]], each[0])):
        names = template.replace(f"{{{ELEMENT}}}", ELEMENT).split("/")
        fixed = "-".join(each for each in names if "{" not in each)
        yield Operation(
            "get" + _camel(fixed), f"/doc/{template}.json", "resources.doc", "things", _description(path.shapes),
            {JSON.media_type: {"anyOf": [ref(each) for each in path.shapes]}},
            values=path.values,
            errors=THING,
            schemas={ELEMENT: {"type": "string", "enum": sorted(path.elements)}} if ELEMENT in path.values else {},
            inline=RESOURCE not in path.shapes,
        )  # fmt: skip
    example = next((thing.iri for thing in things if thing.shape == "Contrat"), next(_any_thing(release), ""))
    yield Operation(
        "describe", "/describe.json", "resources.describe", "things",
        Phrase("Any thing by its lasting name (IRI).", fr="Toute ressource par son nom durable (IRI)."),
        _json("Chose"),
        values={"iri": example},
        errors=(*THING, "iri-invalid", "parameter-missing"),
    )  # fmt: skip
    yield Operation(
        "getLinkset", "/linkset.json", "document_signposts.linkset", "things",
        Phrase("The typed links of a thing's document (RFC 9264).",
               fr="Les liens typés du document d'une ressource (RFC 9264)."),
        {LINKSET_JSON.media_type: ref("Linkset")},
        values={"iri": example},
        errors=("not-found", "document-too-large", "iri-invalid", "parameter-missing"),
    )  # fmt: skip


def _any_thing(release: Release) -> Iterator[str]:
    for cls in release.listing.classes:
        yield from release.listing.things(cls.iri)


def _fixed(release: Release, contract: NamedThing | None, public_url: str) -> Iterator[Operation]:
    """Yield the operations that every release has: search, SPARQL, reconciliation, the state of the server."""
    words = next((part for part in re.findall(r"[^\W\d_]{4,}", contract.name if contract else "")), "a")
    yield Operation(
        "search", "/search.json", "search.search", "search",
        Phrase("Finds things by the words of their names and texts.",
               fr="Trouve des ressources par les mots de leurs noms et de leurs textes."),
        _json("Recherche"),
        values={"q": words},
        errors=("parameter-missing", "search-empty", "search-too-long", "search-timeout", "search-impossible"),
    )  # fmt: skip
    answers: dict[str, Schema] = {RESULTS_JSON.media_type: ref("SparqlResults")}
    answers |= {each.media_type: _TEXT for each in (*SOLUTION_FORMATS[1:], *GRAPH_FORMATS)}
    question = {"query": f"SELECT ?thing ?name WHERE {{ ?thing <{RDFS}label> ?name }} LIMIT 3"}
    graphs = [name for name in islice(release.graphs, MAX_GRAPHS) if not name.startswith("_:")]
    named: Schema = {"type": "array", "items": {"type": "string", "enum": graphs} if graphs else _TEXT, "maxItems": 50}
    fields = {"query": parameters.QUERY.schema, "default-graph-uri": named, "named-graph-uri": named}
    form = {FORM: {"type": "object", "properties": fields, "required": ["query"]}}
    for method, name, body in (
        ("get", "query", {}),
        ("post", "postQuery", form | {"application/sparql-query": parameters.QUERY.schema}),
    ):
        yield Operation(
            name, "/sparql", "sparql.sparql", "sparql",
            Phrase("Answers a SPARQL query, in the form that Accept asks for.",
                   fr="Répond à une requête SPARQL, dans la forme que demande Accept."),
            answers,
            values=question,
            errors=(*_QUERY, *(("media-type-unsupported",) if body else ())),
            method=method,
            body=body,
        )  # fmt: skip
    yield Operation(
        "listTerms", "/sparql/terms.json", "editor.proposals", "sparql",
        Phrase("The prefixes, classes and properties in use.", fr="Les préfixes, classes et propriétés employés."),
        _json("SparqlTerms"),
    )  # fmt: skip
    yield from _reconciliation(words)
    if contract:
        yield Operation(
            "embed", "/oembed", "embed.oembed", "files",
            Phrase("How to frame a figure of a contract (oEmbed 1.0).",
                   fr="Comment intégrer une figure d'un contrat (oEmbed 1.0)."),
            _json("Integration"),
            values={"url": f"{public_url}/doc/{contract.name}"},
            errors=("parameter-missing", "page-not-found", "oembed-format"),
        )  # fmt: skip
    yield Operation(
        "getReport", "/report.json", "status.report", "service",
        Phrase("The validation report of the release.", fr="Le rapport de validation de la publication."),
        _json("RapportDeValidation"),
    )  # fmt: skip
    yield Operation(
        "getHealth", "/health", "status.health", "service",
        Phrase("Whether the server answers, and which release it serves.",
               fr="Si le serveur répond, et quelle publication il sert."),
        _json("Sante"),
    )  # fmt: skip
    yield Operation(
        "getReadiness", "/ready", "status.ready", "service",
        Phrase("Whether the query engine answers too.", fr="Si le moteur de requêtes répond aussi."),
        _json("Disponibilite"),
        errors=("not-ready",),
    )  # fmt: skip
    yield Operation(
        "listProblems", "/problem.json", "kinds.kinds", "service",
        Phrase("All kinds of errors.", fr="Tous les types d'erreurs."),
        _json("TypesDeProblemes"),
    )  # fmt: skip
    yield Operation(
        "getProblem", "/problem/{code}.json", "kinds.kind", "service",
        Phrase("One kind of error.", fr="Un type d'erreur."),
        _json("TypeDeProbleme"),
        values={"code": "parameter-unknown"},
        schemas={"code": {"type": "string", "enum": sorted(table())}},
        errors=("problem-unknown",),
    )  # fmt: skip
    yield Operation(
        "getOpenApi", "/openapi.json", "api.description", "service",
        Phrase("This description.", fr="Cette description."),
        _json("OpenApi"),
    )  # fmt: skip


def _reconciliation(words: str) -> Iterator[Operation]:
    lang: Schema = {"type": "string", "enum": list(LANGUAGES)}
    fields = {
        each.name: {
            "type": "string",
            "format": f"reconciliation-{each.name}",
            "contentMediaType": each.media_type_of_value,
            "contentSchema": each.schema,
        }
        for each in (parameters.BATCH, parameters.EXTEND)
    }
    form = {
        "type": "object",
        "properties": fields,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    answer = {JSON.media_type: {"anyOf": [ref("ReconciliationResults"), ref("ReconciliationValues")]}}
    manifest = {JSON.media_type: {"anyOf": [ref("ReconciliationManifest"), *answer[JSON.media_type]["anyOf"]]}}
    summary = Phrase(
        "Matches names with things (Reconciliation Service API 0.2); without a parameter, says what it can do.",
        fr="Rapproche des noms et des ressources (Reconciliation Service API 0.2) ; sans paramètre, dit ce qu'il sait faire.",
    )
    errors = (*_RECONCILIATION, "page-not-found", "body-too-large")
    for suffix, known in (("", {}), ("/{lang}", {"lang": lang})):
        values = {"queries": json.dumps({"q0": {"query": words}})} | ({"lang": LANGUAGES[0]} if known else {})
        name = "econcileIn" if known else "econcile"
        yield Operation("r" + name, f"/reconcile{suffix}", "reconciliation.service", "reconciliation", summary, manifest,
                        values=values, schemas=known, errors=errors)  # fmt: skip
        yield Operation("postR" + name, f"/reconcile{suffix}", "reconciliation.service", "reconciliation", summary, answer,
                        values=values, schemas=known, method="post", body={FORM: form},
                        errors=(*errors, "parameter-missing", "media-type-unsupported", "body-encoding"))  # fmt: skip
    yield Operation(
        "suggest", "/reconcile/{lang}/suggest/{kind}", "reconciliation.suggest", "reconciliation",
        Phrase("Names that begin like this.", fr="Les noms qui commencent ainsi."),
        _json("ReconciliationSuggestions"),
        values={"lang": LANGUAGES[0], "kind": "entity", "prefix": words[:3]},
        schemas={"lang": lang, "kind": {"type": "string", "enum": ["entity", "property", "type"]}},
        errors=("page-not-found", "parameter-missing"),
    )  # fmt: skip
    yield Operation(
        "listProperties", "/reconcile/{lang}/properties", "reconciliation.properties", "reconciliation",
        Phrase("The properties that the things of a class have.", fr="Les propriétés qu'ont les choses d'une classe."),
        _json("ReconciliationProperties"),
        values={"lang": LANGUAGES[0], "limit": "5"},
        schemas={"lang": lang},
        errors=("page-not-found",),
    )  # fmt: skip


def _contract_files(contract: NamedThing) -> Iterator[Operation]:
    """Yield the table of a contract, and the record by which it is cited."""
    template, values = path_template(contract.name)
    for name, path, suffix, media_type, summary, errors in (
        ("getPlan", "plan", "csv", "text/csv",
         Phrase("The tidy table of a contract: axis, priority, share, bounds of the amount, status, words (.csv, .xlsx, .tableur.csv).",
                fr="Le tableau d’un contrat : axe, priorité, part, bornes du montant, statut, mots (.csv, .xlsx, .tableur.csv)."),
         ("plan-large",)),
        ("getCitation", "cite", "bib", "application/x-bibtex",
         Phrase("How a contract is cited, with the release (.bib, .ris).",
                fr="Comment un contrat se cite, avec la publication (.bib, .ris)."), ()),
    ):  # fmt: skip
        yield Operation(
            name, f"/{path}/{template}.{suffix}", f"contract_files.{path}", "files", summary, {media_type: _TEXT},
            values=values,
            errors=("page-not-found", "withdrawn", "withdrawn-replaced", *errors),
            inline=False,
        )  # fmt: skip


def _files(release: Release) -> Iterator[Operation]:
    """Yield the descriptions of the tables, the schemas, and the JSON-LD context."""
    names = sorted(path.name for path in (release.folder / DUMP).iterdir())
    tables = [name.removesuffix(SCHEMA) for name in names if name.endswith(SCHEMA)]
    if PACKAGE in names:
        yield Operation(
            "getDataPackage", f"/dump/{PACKAGE}", "resources.dump", "files",
            Phrase("The description of all tables (Data Package).", fr="La description de toutes les tables (Data Package)."),
            _json("DataPackage"),
            errors=("range-invalid",),
        )  # fmt: skip
    if tables:
        table_names: Schema = {"type": "string", "enum": tables}
        for name, ending, media_type, schema, summary in (
            ("getTableSchema", SCHEMA, JSON.media_type, "TableSchema",
             Phrase("The columns of a table (Table Schema).", fr="Les colonnes d'une table (Table Schema).")),
            ("getTableMetadata", METADATA, CSVW, "CsvwMetadata",
             Phrase("The columns of a table (CSV on the Web).", fr="Les colonnes d'une table (CSV on the Web).")),
        ):  # fmt: skip
            yield Operation(
                name, f"/dump/{{table}}{ending}", "resources.dump", "files", summary,
                {media_type: ref(schema)},
                values={"table": tables[0]},
                schemas={"table": table_names},
                errors=("format-unknown", "range-invalid"),
            )  # fmt: skip
    yield Operation(
        "getJsonSchema", f"/schema/{VERSION}/{{name}}.json", "ontology.schema", "files",
        Phrase("The JSON Schema of a document.", fr="Le schéma JSON d'un document."),
        {"application/schema+json": ref("JsonSchema")},
        values={"name": "Figure"},
        schemas={"name": {"type": "string", "enum": list(schemas.names())}},
        errors=("page-not-found",),
    )  # fmt: skip
    yield Operation(
        "getContext", "/context/{version}.jsonld", "resources.context", "files",
        Phrase("The JSON-LD context.", fr="Le contexte JSON-LD."),
        {JSON_LD.media_type: {"type": "object", "required": ["@context"]}},
        values={"version": release.manifest["context"]},
        errors=("page-not-found",),
    )  # fmt: skip


def _history(release: str, contract: NamedThing) -> Iterator[Operation]:
    """Yield the operations about earlier states."""
    template, values = path_template(contract.name)
    yield Operation(
        "listStates", f"/timemap/json/doc/{template}", "timemaps.timemap", "history",
        Phrase("The states of a document in the releases that are kept (RFC 7089).",
               fr="Les états d'un document dans les publications conservées (RFC 7089)."),
        _json("TimeMap"),
        values=values,
        errors=("timemap-absent",),
    )  # fmt: skip
    yield Operation(
        "getChanges", "/release/{release}/changes.json", "changes.of_release", "history",
        Phrase("What changed with a release, or since another one.",
               fr="Ce qui a changé avec une publication, ou depuis une autre."),
        _json("Changements"),
        values={"release": release},
        schemas={"release": {"type": "string", "pattern": "^[0-9a-f]{16}$"}},
        errors=("release-unknown", "release-gone", "changes-too-large", "query-queue", "release-damaged"),
    )  # fmt: skip


def _camel(name: str) -> str:
    """Return a name in one word.

    >>> _camel("contrat-axe")
    'ContratAxe'
    """
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"\W+", name))


def path_template(name: str) -> tuple[str, dict[str, str]]:
    """Return the kind of a path below `id/`, in which the name after the name of a kind is a parameter, and its values.

    >>> path_template("contrat/hauts-de-france/axe/2")
    ('contrat/{contrat}/axe/{axe}', {'contrat': 'hauts-de-france', 'axe': '2'})
    >>> path_template("territoire/aisne/contour")[0]
    'territoire/{territoire}/contour'
    """
    parts, values = name.split("/"), dict[str, str]()
    for place in range(1, len(parts), 2):
        key = re.sub(r"\W", "_", parts[place - 1])
        values[key], parts[place] = parts[place], f"{{{key}}}"
    return "/".join(parts), values
