"""The query parameters of every address (`parameters.toml`): requests are checked against them, and OpenAPI shows them; and which rows they ask for.

The check applies to whatever is not a page. Pages ignore unknown parameters, since other sites add theirs (`utm_source`).
"""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from flask import Response, g, request

from cper_lod.core import i18n
from cper_lod.core.errors import LANGUAGES, Language, Phrase, Problem
from cper_lod.core.formats import HTML, JSON_LD_NS, PROFILES
from cper_lod.web.api.schemas import Schema, component
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.headers import Link

_IRIS: Final = (f"^{urls.ABSOLUTE.pattern}$", f"^(?:{urls.ABSOLUTE.pattern})?$")


@dataclass(frozen=True)
class Parameter:
    """A query parameter: its name, the JSON Schema of its value, and what it means, by language.

    `media_type` is that of the only answers that it changes, `needs` another parameter without which it means nothing.
    """

    name: str
    schema: Schema
    meaning: Mapping[Language, str]
    required: bool = False
    media_type: str = ""
    needs: str = ""

    def check(self, value: str) -> None:
        """Raise `parameter-invalid` for a value that the schema does not allow; a language may have a region (`fr-FR`)."""
        if self.name == LANG.name and i18n.requested_language(value):
            return
        if expected := _expected(self.schema, value):
            raise Problem("parameter-invalid", name=self.name, value=value[:40], expected=expected)


def _expected(schema: Schema, value: str) -> Phrase | None:
    """Return what a value should be, None if it is that."""
    if schema.get("type") == "integer":
        least, most = schema["minimum"], schema["maximum"]
        if value.isascii() and value.isdigit() and len(value) <= 9 and least <= int(value) <= most:
            return None
        return Phrase(f"a whole number from {least} to {most}", fr=f"un nombre entier de {least} à {most}")
    choices = [schema["const"]] if "const" in schema else schema.get("enum")
    if choices and value not in choices:
        *others, last = choices
        start = f"{', '.join(others)} " if others else ""
        return Phrase(f"{start}or {last}" if start else last, fr=f"{start}ou {last}" if start else last)
    if schema.get("pattern") in _IRIS and not (len(value) <= 8192 and re.fullmatch(schema["pattern"], value)):
        return Phrase("an absolute IRI", fr="un IRI absolu")
    return None


_TABLE: Final = tomllib.loads((Path(__file__).parent / "parameters.toml").read_text("utf-8"))
_IRI: Final = {"type": "string", "pattern": _IRIS[0], "maxLength": 8192}
_SCHEMAS: Final[Mapping[str, Schema]] = {
    "IRI": _IRI,
    "IRI or nothing": _IRI | {"pattern": _IRIS[1]},
    "IRIs": {"type": "array", "items": _IRI},
    "profile": {"type": "string", "enum": [*PROFILES, *(JSON_LD_NS + name for name in PROFILES)]},
}
"""The schemas that the table calls by a name."""


def _parameter(name: str, row: list[Any]) -> Parameter:
    type_, *words = row
    options = dict(words.pop()) if isinstance(row[-1], dict) else {}
    schema = _SCHEMAS.get(type_.removesuffix("?")) or component(type_.removesuffix("?"))
    beside = {key: options.pop(key) for key in ("default", "format") if key in options}
    meaning = dict(zip(LANGUAGES, words, strict=False))
    return Parameter(options.pop("name", name), {**schema, **beside}, meaning, required=type_[-1] != "?", **options)


_KNOWN: Final = {name: _parameter(name, row) for name, row in _TABLE["parameters"].items()}
LANG: Final = _KNOWN["lang"]
SIZE: Final = _KNOWN["size"]
SIZE_OF_SEARCH: Final = _KNOWN["size-of-search"]
AFTER_NUMBER: Final = _KNOWN["after-number"]
LIMIT: Final = _KNOWN["limit"]
FIELDS: Final = _KNOWN["fields"]
CONDITIONS: Final = _KNOWN["conditions"]


def _of_endpoint(said: str) -> Parameter:
    """Return a parameter of an endpoint, as the table says it: `size`, or `size of class`, which needs `class` there."""
    name, _, needs = said.partition(" of ")
    return replace(_KNOWN[name], needs=needs) if needs else _KNOWN[name]


PARAMETERS: Final = {endpoint: tuple(map(_of_endpoint, row)) for endpoint, row in _TABLE["endpoints"].items()}
"""The parameters of the addresses by endpoint, beside `lang`, which all have; an endpoint that is not here has no other."""
OPEN: Final = frozenset(
    {
        "sparql.sparql",  # clients of the protocol send `timeout`, `infer`…
        "chart.image",  # the same query
        "reconciliation.suggest",  # the suggest widget of OpenRefine sends options of its own (`type_strict`, `flyout`…)
        "favicon",
        "static",  # what a page loads may carry a version (`?v=3`)
    }
)
"""The endpoints that ignore a parameter they do not know."""
_MEANT: Final = {name: row["ours"] for row in _TABLE["meant"] for name in row["said"]}
"""The parameters that a client probably means, by the name that other sites have for them."""
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
    endpoint = request.endpoint
    if endpoint in OPEN:
        return response
    # What changes nothing in this form is as unknown as any other; a redirect leaves it to the answer behind it.
    media_type = response.mimetype if response.status_code < 300 else ""
    known = [each for each in parameters_of(endpoint) if each.media_type in ("", media_type) or not media_type]
    if (request.view_args or {}).get("lang"):
        known.remove(LANG)  # the path names the language
    try:
        check_names([name for name in request.args if name not in g.get("conditions", ())], known)
        for each in known:
            if each.name in request.args and each.name not in g.get("conditions", ()):
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
            raise Problem("parameter-unknown", name=name[:40], hint=hint(name, offers), offers=offers)


def hint(name: str, known: Sequence[str]) -> Phrase | None:
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


@dataclass(frozen=True)
class Rows:
    """The rows of one page: `size` at most, after the first `after` ones; `default` is the size that needs no parameter.

    A list of things with an order of their own is paged by names instead (`release.storage.class_listing.Page`).
    """

    after: int
    size: int
    default: int

    @property
    def part(self) -> slice:
        """The rows of the page among all of them."""
        return slice(self.after, self.after + self.size)

    def query(self, after: int) -> dict[str, str]:
        """Return the query of the page of the same size after the first `after` rows."""
        size = {"size": str(self.size)} if self.size != self.default else {}
        return size | ({"after": str(after)} if after else {})

    @property
    def own_query(self) -> dict[str, str]:
        """The query of this page."""
        return self.query(self.after)

    def others(self, count: int) -> dict[str, dict[str, str]]:
        """Return the queries of the other pages of `count` rows by relation.

        >>> Rows(100, 100, 100).others(850)
        {'first': {}, 'prev': {}, 'next': {'after': '200'}, 'last': {'after': '800'}}
        >>> Rows(0, 100, 100).others(50)
        {}
        """
        last = max(count - 1, 0) // self.size * self.size
        pages = {"first": 0, "prev": min(max(self.after - self.size, 0), last)} if self.after else {}
        pages |= {"next": self.after + self.size, "last": last} if self.after + self.size < count else {}
        return {relation: self.query(after) for relation, after in pages.items()}


def requested_rows(size: Parameter = SIZE, most: int = 1000) -> Rows:
    """Return the rows that the request asks for with `size`, `most` at most, and `after`; raises what `whole_number` raises."""
    asked = whole_number(size)
    return Rows(whole_number(AFTER_NUMBER), min(asked, most), size.schema["default"])


def page_links(addresses: Mapping[str, str]) -> list[Link]:
    """Return the typed links to other pages, from their addresses on this host by relation."""
    return [Link(urls.public_url(address), relation) for relation, address in addresses.items()]
