"""The operations of the API: the addresses of things, lists and search in JSON, with parameters and schemas.

Things with a shape have an address for each kind (`/doc/contrat/…`) and a list for each class, as far as the data have any; any
other thing has `/describe.json`. What other specifications describe (SPARQL, reconciliation, data packages, JSON-LD, link sets) is
not described here again; nor is the state of the server.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.namespaces import CPER
from cper_lod.release.documents import types
from cper_lod.release.release import Release
from cper_lod.web.api import schemas
from cper_lod.web.api.schemas import RESOURCE, SELF, THINGS, Schema, component, main_type
from cper_lod.web.site import Site, site

Words = Mapping[Language, str]
"""A text by language."""
_ORDER: Final = (*THINGS, RESOURCE)
MAX_THINGS: Final = 1000
"""Things of a class that are looked at for their shapes and the kinds of their paths."""


TAGS: Final[Mapping[str, Words]] = {
    "lists": {"fr": "Listes", "en": "Lists"},
    "things": {"fr": "Ressources", "en": "Things"},
    "search": {"fr": "Recherche", "en": "Search"},
}
"""The groups of operations, in their order, with their titles."""


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
    def path_parameters(self) -> list[str]:
        """The names of the parameters in the path."""
        return re.findall(r"{(\w+)}", self.path)


def operations() -> list[Operation]:
    """Return all operations of the site of this request, in the order of the groups; in each, the contract comes first."""
    served = site()
    found = [*_lists(served.release), *_things(served), *_others(served.release)]
    return sorted(found, key=lambda each: list(TAGS).index(each.tag))


def _shape(release: Release, iri: str) -> str:
    return main_type(release, types(release, iri)) or RESOURCE


def _lists(release: Release) -> Iterator[Operation]:
    """Yield the lists of the classes whose things have shapes."""
    shapes: dict[str, list[str]] = {}
    for cls in release.listing.classes:
        # A narrower or wider class has the same things again.
        if cls.slug and release.listing.called(cls.slug) is cls and main_type(release, [cls.iri]):
            looked_at = islice(release.listing.things(cls.iri), MAX_THINGS)
            if known := {_shape(release, iri) for iri in looked_at}:
                shapes[cls.slug] = sorted(known, key=_ORDER.index)
    for slug, there in sorted(shapes.items(), key=lambda each: (_ORDER.index(each[1][0]), each[0])):
        yield Operation(
            "list" + _camel(slug), f"/doc/{slug}.json", "lists.named", "lists", _description(there, listed=True),
            component(f"Liste{there[0]}" if len(there) == 1 else "Liste"),
            values={"size": "1"},
        )  # fmt: skip


def _description(shapes: Iterable[str], *, listed: bool = False) -> Words:
    """Return what a thing of one of these shapes is, from the descriptions of the shapes; `listed`: what each item is."""
    said: dict[Language, str] = {}
    for lang in LANGUAGES:
        start = "Liste ; chaque élément : " if lang == "fr" else "List; each item: "
        text = " / ".join(schemas.SHAPES[each][SELF].words[lang].rstrip(".") for each in shapes)
        said[lang] = (f"{start}{text[:1].lower()}{text[1:]}" if listed else text) + ("" if text[-1] == "…" else ".")
    return said


def _things(site: Site) -> Iterator[Operation]:
    """Yield the addresses of things by their kind, the first part of their path; what belongs to them has `/describe.json`."""
    release, names_of = site.release, site.release.names
    shapes, names = defaultdict[str, set[str]](set), dict[str, str]()
    for cls in release.listing.classes:
        for iri in islice(release.listing.things(cls.iri), MAX_THINGS):
            kind, _, name = (names_of.path(iri) or "").rpartition("/")
            if name and kind.count("/") == kind.startswith("def/") and "#" not in name:
                shapes[kind].add(_shape(release, iri))
                names.setdefault(kind, name)
    found = {kind: sorted(known, key=_ORDER.index) for kind, known in shapes.items()}
    for kind, known in sorted(found.items(), key=lambda each: (_ORDER.index(each[1][0]), each[0])):
        if known != [RESOURCE]:
            parameter = re.sub(r"\W", "_", kind.removeprefix("def/"))
            yield Operation(
                f"get{_camel(kind)}", f"/doc/{kind}/{{{parameter}}}.json", "resources.doc", "things",
                _description(known),
                component("|".join(known)),
                values={parameter: names[kind]},
            )  # fmt: skip


def _others(release: Release) -> Iterator[Operation]:
    """Yield the operations that do not depend on what the data are about; they are tried with a thing and a word of its name."""
    yield Operation(
        "listClasses", "/doc.json", "lists.index", "lists",
        {
            "fr": "Toutes les classes, chacune avec sa liste ; avec le paramètre class, la liste de l'une d'elles.",
            "en": "All classes, each with its list; with the parameter class, the list of one.",
        },
        component("ListeDesClasses|Liste"),
    )  # fmt: skip
    yield Operation(
        "listLinks", "/links.json", "dataset_links.links", "lists",
        {
            "fr": "Ce qui se joint aux jeux de données de data.gouv.fr : ressource, clé et valeur.",
            "en": "What joins with the datasets of data.gouv.fr: thing, key and value.",
        },
        component("ListeDesJointures"),
        values={"size": "1"},
    )  # fmt: skip
    classes = [CPER + "Contrat", *(cls.iri for cls in release.listing.classes)]
    thing = next((iri for cls in classes for iri in release.listing.things(cls)), "")
    yield Operation(
        "describe", "/describe.json", "resources.describe", "things",
        {"fr": "Toute ressource par son nom durable (IRI).", "en": "Any thing by its lasting name (IRI)."},
        component("Chose"),
        values={"iri": thing},
    )  # fmt: skip
    yield Operation(
        "search", "/search.json", "search.search", "search",
        {
            "fr": "Trouve des ressources par les mots de leurs noms et de leurs textes.",
            "en": "Finds things by the words of their names and texts.",
        },
        component("Recherche"),
        values={"q": next(iter(re.findall(r"[^\W\d_]{4,}", thing.rpartition("/")[2])), "a")},
    )  # fmt: skip


def _camel(name: str) -> str:
    """Return a name in one word.

    >>> _camel("igeo-departement")
    'IgeoDepartement'
    """
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"\W+", name))
