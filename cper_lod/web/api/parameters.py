"""The query parameters of every address: requests are checked against this table, and OpenAPI shows it.

The check applies to whatever is not a page. Pages ignore unknown parameters, since other sites add theirs (`utm_source`).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Final

from flask import Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from cper_lod.core.errors import LANGUAGES, Phrase, Problem
from cper_lod.core.formats import HTML, JSON_LD, JSON_LD_NS, PROFILES
from cper_lod.web.http import flask_responses, urls

_IRIS: Final = (f"^{urls.ABSOLUTE.pattern}$", f"^(?:{urls.ABSOLUTE.pattern})?$")
ABSOLUTE_IRI: Final = {"type": "string", "pattern": _IRIS[0], "maxLength": 8192}


@dataclass(frozen=True)
class Parameter:
    """A query parameter: its name, the JSON Schema of its value, and what it means.

    `media_type` is that of the only answers that it changes, `needs` another parameter without which it means nothing,
    `instead_of` one whose place it takes. `media_type_of_value` is that of a value which is a document itself.
    """

    name: str
    schema: Mapping[str, Any]
    meaning: Phrase
    required: bool = False
    media_type: str = ""
    needs: str = ""
    instead_of: str = ""
    media_type_of_value: str = ""

    def check(self, value: str) -> None:
        """Raise `parameter-invalid` for a value that the schema does not allow."""
        if expected := _expected(self.schema, value):
            raise Problem("parameter-invalid", name=self.name, value=value[:40], expected=expected)


def _expected(schema: Mapping[str, Any], value: str) -> Phrase | None:
    """Return what a value should be, None if it is that; a value that is a document is read elsewhere."""
    if schema.get("type") == "integer":
        least, most = schema["minimum"], schema["maximum"]
        if value.isascii() and value.isdigit() and len(value) <= 9 and least <= int(value) <= most:
            return None
        return Phrase(f"a whole number from {least} to {most}", fr=f"un nombre entier de {least} à {most}")
    if "enum" in schema and value not in schema["enum"]:
        *others, last = schema["enum"]
        start = f"{', '.join(others)} " if others else ""
        return Phrase(f"{start}or {last}" if start else last, fr=f"{start}ou {last}" if start else last)
    if schema.get("pattern") in _IRIS and not (len(value) <= 8192 and re.fullmatch(schema["pattern"], value)):
        return Phrase("an absolute IRI", fr="un IRI absolu")
    return None


LANG: Final = Parameter(
    "lang",
    {"type": "string", "enum": list(LANGUAGES)},
    Phrase("The language of texts and errors; without it, that of Accept-Language, French by default.",
           fr="La langue des textes et des erreurs ; à défaut celle d'Accept-Language, sinon le français."),
)  # fmt: skip
SIZE: Final = Parameter(
    "size",
    {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
    Phrase("Things on one page of the list.", fr="Nombre d'éléments par page de la liste."),
)
AFTER: Final = Parameter(
    "after",
    ABSOLUTE_IRI | {"pattern": _IRIS[1]},  # empty: the first page
    Phrase("The thing after which the page starts; take it from the address of the next page.",
           fr="L'élément après lequel commence la page ; il se prend dans l'adresse de la page suivante."),
)  # fmt: skip
SORT: Final = Parameter(
    "sort",
    {"type": "string", "pattern": "^-?[A-Za-z0-9_-]{1,80}$"},
    Phrase("The column that orders the list, by its name on the page; after “-”, from the largest or last. Without it, by address.",
           fr="La colonne qui ordonne la liste, par son nom sur la page ; précédé de « - », à partir du plus grand ou du dernier. À défaut, par adresse."),
)  # fmt: skip
CLASS: Final = Parameter(
    "class",
    ABSOLUTE_IRI,
    Phrase("The class whose things are listed, by its IRI; without it, all classes.",
           fr="La classe dont les éléments sont énumérés, par son IRI ; à défaut, toutes les classes."),
)  # fmt: skip
PROFILE: Final = Parameter(
    "profile",
    {"type": "string", "enum": [*PROFILES, *(JSON_LD_NS + name for name in PROFILES)]},
    Phrase("The form of the JSON-LD.", fr="La forme du JSON-LD."),
    media_type=JSON_LD.media_type,
)
CONTEXT: Final = Parameter(
    "context",
    {"type": "string", "enum": ["inline"]},
    Phrase("Whether the JSON-LD contains its context.", fr="Si le JSON-LD contient son contexte."),
    media_type=JSON_LD.media_type,
)
IRI: Final = Parameter(
    "iri",
    ABSOLUTE_IRI,
    Phrase("The lasting name of the thing.", fr="Le nom durable de la ressource."),
    required=True,
)
TEXT: Final = Parameter(
    "q",
    {"type": "string", "format": "search-words", "maxLength": 200},
    Phrase("The words: one letter or digit at least, 16 words and 200 characters at most.",
           fr="Les mots : une lettre ou un chiffre au moins, 16 mots et 200 caractères au plus."),
    required=True,
)  # fmt: skip
PAGE: Final = Parameter(
    "page",
    {"type": "integer", "minimum": 1, "maximum": 50, "default": 1},
    Phrase("The number of the page.", fr="Le numéro de la page."),
)
SINCE: Final = Parameter(
    "since",
    {"type": "string"},
    Phrase("The earlier release to compare with.", fr="La publication antérieure à comparer."),
)
PAGE_OF_HISTORY: Final = replace(PAGE, schema={"type": "integer", "minimum": 1, "maximum": 9_999_999, "default": 1})
BATCH: Final = Parameter(
    "queries",
    {"$ref": "#/components/schemas/ReconciliationQueries"},
    Phrase(
        "A batch of queries, each under a key of its own; the parameter extend may take its place, as in the form of a POST.",
        fr="Un lot de requêtes, chacune sous sa propre clé ; le paramètre extend peut le remplacer, comme dans le formulaire d'un POST.",
    ),
    media_type_of_value="application/json",
)
EXTEND: Final = Parameter(
    "extend",
    {"$ref": "#/components/schemas/ReconciliationExtend"},
    Phrase("Things, and the properties whose values are wanted.", fr="Des ressources, et les propriétés à lire."),
    instead_of="queries",
    media_type_of_value="application/json",
)
PREFIX: Final = Parameter(
    "prefix", {"type": "string"}, Phrase("How the name begins.", fr="Le début du nom."), required=True
)
CURSOR: Final = Parameter(
    "cursor",
    {"type": "integer", "minimum": 0, "maximum": 1000, "default": 0},
    Phrase("Suggestions to leave out at the start.", fr="Nombre de suggestions à passer."),
)
TYPE: Final = Parameter("type", {"type": "string"}, Phrase("The class, by its IRI.", fr="La classe, par son IRI."))
LIMIT: Final = Parameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": 1000},
    Phrase("Properties at most.", fr="Nombre maximal de propriétés."),
)
EMBEDDED: Final = Parameter(
    "url",
    {"type": "string", "format": "uri", "maxLength": 8192},
    Phrase("The address of the page of a figure, or of a contract.",
           fr="L'adresse de la page d'une figure, ou d'un contrat."),
    required=True,
)  # fmt: skip
OEMBED_FORMAT: Final = Parameter(
    "format",
    {"type": "string", "enum": ["json"]},
    Phrase("The form of the answer.", fr="La forme de la réponse."),
)
_PIXELS: Final = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
MAX_WIDTH: Final = Parameter(
    "maxwidth", _PIXELS, Phrase("Pixels across the frame at most.", fr="La largeur du cadre en pixels, au plus.")
)
MAX_HEIGHT: Final = Parameter(
    "maxheight", _PIXELS, Phrase("Pixels down the frame at most.", fr="La hauteur du cadre en pixels, au plus.")
)

QUERY: Final = Parameter(
    "query",
    {"type": "string", "format": "sparql-query"},
    Phrase(
        "The query; without one, the description of the service.",
        fr="La requête ; sans elle, la description du service.",
    ),
)
DEFAULT_GRAPH: Final = Parameter(
    "default-graph-uri",
    {"type": "array", "items": ABSOLUTE_IRI},
    Phrase("Graphs in place of the default graph.", fr="Les graphes qui remplacent le graphe par défaut."),
    needs="query",
)
NAMED_GRAPH: Final = Parameter(
    "named-graph-uri",
    {"type": "array", "items": ABSOLUTE_IRI},
    Phrase("The only named graphs.", fr="Les seuls graphes nommés."),
    needs="query",
)
OTHERS: Final = Parameter(
    "others",
    {"type": "object", "additionalProperties": {"type": "string"}},
    Phrase(
        "Others are ignored: clients add their own.", fr="Les autres sont ignorés : des clients ajoutent les leurs."
    ),
)

_PAGING: Final = (SIZE, AFTER)
_JSON_LD: Final = (PROFILE, CONTEXT)
PARAMETERS: Final[Mapping[str, Sequence[Parameter]]] = {
    "lists.index": (CLASS, *(replace(each, needs="class") for each in (*_PAGING, SORT)), *_JSON_LD),
    "lists.named": (*_PAGING, SORT, *_JSON_LD),
    "resources.thing": _JSON_LD,
    "resources.doc": _JSON_LD,
    "resources.describe": (IRI, *_JSON_LD),
    "document_signposts.linkset": (IRI,),
    "ontology.ontology": _JSON_LD,
    "ontology.version": _JSON_LD,
    "ontology.shapes": _JSON_LD,
    "search.search": (TEXT, PAGE),
    "dataset_links.links": _PAGING,
    "releases.index": (PAGE_OF_HISTORY,),
    "changes.of_release": (SINCE, PAGE_OF_HISTORY),
    "embed.oembed": (EMBEDDED, OEMBED_FORMAT, MAX_WIDTH, MAX_HEIGHT),
    "reconciliation.service": (BATCH, EXTEND),
    "reconciliation.suggest": (PREFIX, CURSOR),
    "reconciliation.properties": (TYPE, LIMIT),
    "sparql.sparql": (QUERY, DEFAULT_GRAPH, NAMED_GRAPH),
}
"""The parameters of the addresses by endpoint, beside `lang`, which all have; an endpoint that is not here has no other."""
OPEN: Final = frozenset(
    {
        "sparql.sparql",  # clients of the protocol send `format`, `output`, `timeout`…
        "reconciliation.suggest",  # the suggest widget of OpenRefine sends options of its own (`type_strict`, `flyout`…)
        "embed.oembed",  # sites that ask send options of their own (`dnt`, `omit_script`…)
        "api.run",  # it passes on what it gets, and the address behind it looks at that
        "static",  # what a page loads may carry a version (`?v=3`)
        "editor.file",
    }
)
"""The endpoints that ignore a parameter they do not know."""
_MEANT: Final[Mapping[str, Collection[str]]] = {
    **dict.fromkeys(("page", "offset", "start", "cursor", "skip", "from"), ("after", "page", "cursor", "size")),
    **dict.fromkeys(("limit", "per_page", "page_size", "pageSize", "rows", "count", "n"), ("size", "limit")),
    **dict.fromkeys(("uri", "url", "id", "resource", "subject"), ("iri",)),
    **dict.fromkeys(("query", "search", "text", "s", "term"), ("q", "queries", "prefix")),
    **dict.fromkeys(("language", "locale", "hl", "l", "langue"), ("lang",)),
    **dict.fromkeys(("types", "rdf_type", "kind"), ("class", "type")),
    **dict.fromkeys(("tri", "order", "order_by", "orderby", "ordering", "sort_by", "sortby"), ("sort",)),
}
"""What other sites call our parameters."""
_FORMS: Final = frozenset({"format", "output", "f", "accept", "_format"})
"""Names by which other sites choose a form."""


def parameters_of(endpoint: str | None) -> tuple[Parameter, ...]:
    """Return the parameters of an endpoint, `lang` last."""
    return (*PARAMETERS.get(endpoint or "", ()), LANG)


def whole_number(parameter: Parameter) -> int:
    """Return the value of a numeric parameter of this request, else its default.

    Raises `parameter-invalid` and `parameter-repeated`.
    """
    if parameter.name not in request.args:
        return int(parameter.schema["default"])
    text = urls.single_parameter(parameter.name)
    parameter.check(text)
    return int(text)


def check(response: Response) -> Response:
    """Replace an answer that is no page by a 400 if its address has a parameter that would be ignored (`after_request`)."""
    if response.status_code >= 400 or not request.args or request.method == "OPTIONS" or _is_page(response):
        return response
    endpoint = _described_endpoint()
    if endpoint in OPEN:
        return response
    # What changes nothing in this form is as unknown as any other; a redirect leaves it to the answer behind it.
    media_type = response.mimetype if response.status_code < 300 else ""
    known = [each for each in parameters_of(endpoint) if each.media_type in ("", media_type) or not media_type]
    if (request.view_args or {}).get("lang"):
        known.remove(LANG)  # the path names the language
    try:
        check_names(request.args, known)
        for each in known:
            if each.name in request.args:
                each.check(urls.single_parameter(each.name))
    except Problem as error:
        response.close()  # of a file that would have been sent
        return flask_responses.problem(error)
    return response


def check_names(given: Collection[str], known: Sequence[Parameter]) -> None:
    """Raise `parameter-unknown` for a name that is not known, or that means nothing without another one."""
    offers = [each.name for each in known if not each.needs or each.needs in given]
    for name in given:
        if name not in offers:
            raise Problem("parameter-unknown", name=name[:40], hint=_hint(name, offers), offers=offers)


def _hint(name: str, known: Sequence[str]) -> Phrase | None:
    """Return which parameter was probably meant, as a sentence; None if none is like it."""
    if name in _FORMS:
        return Phrase(
            "A suffix or the Accept header chooses the form (.json, .ttl, .csv…).",
            fr="La forme se choisit par un suffixe ou par l'en-tête Accept (.json, .ttl, .csv…).",
        )
    near = [each for each in known if each in _MEANT.get(name.lower(), ())]
    near = near or get_close_matches(name.lower(), known, n=1)
    if not near:
        return None
    english, french = " or ".join(f"“{each}”" for each in near), " ou ".join(f"« {each} »" for each in near)
    return Phrase(f"Did you mean {english}?", fr=f"Vouliez-vous dire {french} ?")


def _is_page(response: Response) -> bool:
    """Return whether the answer is a page, or leads to one."""
    if form := g.get("selected_format"):
        return form is HTML
    return flask_responses.prefers_page() if response.status_code >= 300 else response.mimetype == HTML.media_type


def _described_endpoint() -> str | None:
    """Return the endpoint whose parameters this request has: a TimeMap repeats the address of its document."""
    if request.endpoint != "timemaps.timemap":
        return request.endpoint
    path = "/" + str((request.view_args or {})["path"])
    try:
        endpoint, _ = current_app.url_map.bind("").match(path)
    except HTTPException:
        return request.endpoint
    return str(endpoint)
