"""The operations of the API: the addresses of things, lists, search and state in JSON, with parameters and schemas.

Some stand in `operations.toml`. Those about things with a shape are taken from the data: an address for each kind of path
below `id/`, a list for each class. Any other thing has `/describe.json`. What other specifications describe (SPARQL,
reconciliation, data packages, JSON-LD, link sets) is not described here again.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from string import Template
from typing import Any, Final, NamedTuple

from cper_lod.core.errors import LANGUAGES, Language, table
from cper_lod.release.documents import types
from cper_lod.web.api import schemas
from cper_lod.web.api.schemas import RESOURCE, SELF, THINGS, Schema, component, main_type
from cper_lod.web.site import Site, site

Words = Mapping[Language, str]
"""A text by language."""
_ANY_NAME: Final = component("string('^[^/]+$')")
MAXTHINGS: Final = 1000
"""Things of a class that are looked at for the kinds of their paths."""


def _words(row: Sequence[str]) -> Words:
    return dict(zip(LANGUAGES, row, strict=True))


_TABLE: Final = tomllib.loads((Path(__file__).parent / "operations.toml").read_text("utf-8"))
WORDS: Final = {name: _words(row) for name, row in _TABLE.pop("words").items()}
BARE: Final = {status: _words(row) for status, row in _TABLE.pop("bare").items()}
"""What the answers without a body mean, by status."""
TAGS: Final = {tag: _words(rows.pop(SELF)) for tag, rows in _TABLE.items()}
"""The groups of operations, in their order, with their titles."""
_GROUPS: Final[Mapping[str, Mapping[str, Any]]] = _TABLE


@dataclass(frozen=True)
class Operation:
    """One operation: GET of an address.

    `endpoint` is the view that answers, whose query parameters it has. `answer` is the schema of the answer; `values` are
    values of parameters with which it can be tried.
    """

    id: str
    path: str
    endpoint: str
    tag: str
    summary: Words
    answer: Schema
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def path_parameters(self) -> list[tuple[str, Schema]]:
        """The parameters in the path, each with its schema."""
        codes = {"type": "string", "enum": sorted(table())}
        return [(name, codes if name == "code" else _ANY_NAME) for name in re.findall(r"{(\w+)}", self.path)]


def operations() -> list[Operation]:
    """Return all operations of the site of this request, in the order of the groups; in each, the contract comes first."""
    served = site()
    things = list(_named_things(served))
    found = [*_lists(served, things), *_things(served, things), *_of_table(served, things)]
    return sorted(found, key=lambda each: list(TAGS).index(each.tag))


class NamedThing(NamedTuple):
    """A thing with a shape below `id/`: the shape of its JSON, the list of its class, and its path below `id/`."""

    iri: str
    shape: str
    slug: str
    name: str


def _named_things(site: Site) -> Iterator[NamedThing]:
    """Yield the things with a shape that have an address below /doc, class by class."""
    release, start = site.release, f"{site.settings.base_iri}id/"
    for cls in release.listing.classes:
        # A narrower or wider class has the same things again.
        if not (cls.slug and release.listing.called(cls.slug) is cls and main_type(release, [cls.iri])):
            continue
        for iri in islice(release.listing.things(cls.iri), MAXTHINGS):
            if iri.startswith(start) and "#" not in iri:  # a fragment is beside what it is a part of
                yield NamedThing(iri, main_type(release, types(release, iri)), cls.slug, iri[len(start) :])


def _lists(site: Site, things: Sequence[NamedThing]) -> Iterator[Operation]:
    """Yield the lists of the classes whose things have shapes, and the other lists as one operation."""
    shapes: dict[str, dict[str, None]] = {}
    for thing in things:
        shapes.setdefault(thing.slug, {})[thing.shape] = None
    for slug in sorted(shapes, key=lambda each: (min(map(THINGS.index, shapes[each])), each)):
        known = shapes[slug]
        yield Operation(
            "list" + _camel(slug), f"/doc/{slug}.json", "lists.named", "lists", _description(known, listed=True),
            component(f"Liste{next(iter(known))}" if len(known) == 1 else "Liste"),
            values={"size": "1"},
        )  # fmt: skip
    if other := next((cls.slug for cls in site.release.listing.classes if cls.slug and cls.slug not in shapes), ""):
        yield Operation(
            "listOther", "/doc/{list}.json", "lists.named", "lists",
            {"en": "The list of any other class.", "fr": "La liste d'une autre classe."},
            component("Liste"),
            values={"list": other, "size": "1"},
        )  # fmt: skip


def _description(shapes: Iterable[str], *, listed: bool = False) -> Words:
    """Return what a thing of one of these shapes is, from the descriptions of the shapes; `listed`: what each item is."""
    said: dict[Language, str] = {}
    for lang in LANGUAGES:
        start = "Liste ; chaque élément : " if lang == "fr" else "List; each item: "
        text = " / ".join(schemas.SHAPES[each][SELF].words[lang].rstrip(".") for each in shapes)
        said[lang] = (f"{start}{text[:1].lower()}{text[1:]}" if listed else text) + ("" if text[-1] == "…" else ".")
    return said


def _things(site: Site, things: Sequence[NamedThing]) -> Iterator[Operation]:
    """Yield the addresses of things by the kinds of their paths; at such an address may be a thing without a shape, too."""
    shapes, values = dict[str, dict[str, None]](), dict[str, dict[str, str]]()
    for thing in things:
        template, names = path_template(thing.name)
        shapes.setdefault(template, {})[thing.shape] = None
        values.setdefault(template, names)
    mixed = set(_paths_without_shape(site)) & set(shapes)
    for template in sorted(shapes, key=lambda each: (min(map(THINGS.index, shapes[each])), each)):
        fixed = [each for each in template.split("/") if "{" not in each]
        # Both `contrat/{contrat}/periode` and `contrat/{contrat}/periode/{periode}`.
        named = "Named" if template.rpartition("/")[0] in shapes and template.endswith("}") else ""
        known = [*shapes[template], *([RESOURCE] if template in mixed else [])]
        yield Operation(
            f"get{_camel('-'.join(fixed))}{named}", f"/doc/{template}.json", "resources.doc", "things",
            _description(known),
            component("|".join(known)),
            values=values[template],
        )  # fmt: skip


def _paths_without_shape(site: Site) -> Iterator[str]:
    """Yield the kinds of the paths of things that have no shape."""
    release, start = site.release, f"{site.settings.base_iri}id/"
    for cls in release.listing.classes:
        if not main_type(release, [cls.iri]):
            for iri in islice(release.listing.things(cls.iri), MAXTHINGS):
                if iri.startswith(start) and "#" not in iri and not main_type(release, types(release, iri)):
                    yield path_template(iri[len(start) :])[0]


def _of_table(site: Site, things: Sequence[NamedThing]) -> Iterator[Operation]:
    """Yield the operations of the table."""
    contract = next((thing for thing in things if thing.shape == "Contrat"), None)
    any_thing = (iri for cls in site.release.listing.classes for iri in site.release.listing.things(cls.iri))
    words = {
        "thing": contract.iri if contract else next(any_thing, ""),
        "word": next(iter(re.findall(r"[^\W\d_]{4,}", contract.name if contract else "")), "a"),
    }
    for tag, rows in _GROUPS.items():
        for id, (path, endpoint, answer, french, english, *more) in rows.items():
            values = {name: Template(text).substitute(words) for each in more for name, text in each.items()}
            yield Operation(id, path, endpoint, tag, _words([french, english]), component(answer), values)


def _camel(name: str) -> str:
    """Return a name in one word.

    >>> _camel("contrat-axe")
    'ContratAxe'
    """
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"\W+", name))


def path_template(name: str) -> tuple[str, dict[str, str]]:
    """Return the kind of a path below `id/`, in which the name after the name of a kind is a parameter, and its values.

    >>> path_template("contrat/bretagne/axe/2")
    ('contrat/{contrat}/axe/{axe}', {'contrat': 'bretagne', 'axe': '2'})
    >>> path_template("territoire/aisne/contour")[0]
    'territoire/{territoire}/contour'
    """
    parts, values = name.split("/"), dict[str, str]()
    for place in range(1, len(parts), 2):
        key = re.sub(r"\W", "_", parts[place - 1])
        values[key], parts[place] = parts[place], f"{{{key}}}"
    return "/".join(parts), values
