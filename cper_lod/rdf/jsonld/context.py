"""The JSON-LD 1.1 context of the project, compiled: the key and type coercion of each property, class and IRI."""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pyoxigraph import Literal

from cper_lod.core.namespaces import XSD

_ALIASABLE: Final = frozenset({"@id", "@type", "@value", "@language", "@list", "@graph", "@included"})
_TYPE_SET: Final = {"@id": "@type", "@container": "@set"}
_GEN_DELIMS: Final = (":", "/", "?", "#", "[", "]", "@")
_STRING: Final = XSD + "string"


@dataclass(frozen=True, eq=False, slots=True)
class TermDefinition:
    """A key of the document: its property, and how its values are written.

    `type` is None, `@id`, `@vocab` or a datatype IRI; xsd:string stands in the file as `"@language": null`, from which every
    reader makes a plain literal (rdflib tells `"@type": "xsd:string"` from it). `language` and `set` are the containers;
    `rank` is the sort key: terms in the order of the context file, then keys of properties without a term.

    The values of a term have one JSON type: a number or boolean for those datatypes, a string for other types, an object
    for a language map or without a type; in an array with `set`, and else a single one. A value that does not fit any
    term of its property stands under the IRI of the property.
    """

    name: str
    iri: str
    rank: tuple[int, str]
    type: str | None = None
    language: bool = False
    set: bool = False
    prefix: bool = False

    def fits(self, value: str | Literal) -> bool:
        """Return whether a value (as a string: an IRI or a blank node) can stand under the key (JSON-LD 1.1, section 5.2.8).

        A language map accepts plain text too, under `@none`, but no base direction.
        """
        if isinstance(value, str):
            return not self.language and self.type in (None, "@id", "@vocab")
        if self.language:
            return value.direction is None and (value.language is not None or value.datatype.value == _STRING)
        return value.language is None and self.type == value.datatype.value


@dataclass(frozen=True, eq=False)
class Context:
    """A context file, compiled for lookups by IRI.

    `document` is the value of `@context` as parsed, `terms` are all terms in file order, `prefixes` maps prefixes to
    namespaces (longest namespace first), `aliases` maps keywords to their aliases. `@type` is always an array.
    """

    document: Mapping[str, Any]
    terms: tuple[TermDefinition, ...]
    prefixes: Mapping[str, str]
    aliases: Mapping[str, str]
    by_property: Mapping[str, tuple[TermDefinition, ...]] = field(repr=False)
    vocabulary: Mapping[str, TermDefinition] = field(repr=False)

    @classmethod
    def parse(cls, document: bytes) -> "Context":
        """Compile a context file, `{"@context": {…}}` (JSON-LD 1.1, sections 4.1 and 9.15).

        Of JSON-LD, a context of the project has prefixes, aliases of keywords and terms with a type or a container. Raises
        ValueError, with the entry, for anything else, for a name that is given twice, and for invalid JSON.
        """
        parsed: Any = json.loads(document, object_pairs_hook=_unique_names)
        if not (isinstance(parsed, dict) and [*parsed] == ["@context"] and isinstance(parsed["@context"], dict)):
            raise ValueError('a context file is one object with the one key "@context", whose value is one object')
        entries: dict[str, Any] = parsed["@context"]
        named = {name: entry for name, entry in entries.items() if (name, entry) != ("@version", 1.1)}
        prefixes = {name: entry for name, entry in named.items() if _is_iri(entry) and entry.endswith(_GEN_DELIMS)}
        terms: list[TermDefinition] = []
        aliases: dict[str, str] = {}
        for name, entry in named.items():
            # A name must not be parsed as a keyword, an IRI, or a scheme used in the data.
            if not name or set("@:/") & set(name) or name in ("_", "http", "https", "urn"):
                raise _error(name, "this name is not supported")
            if entry in _ALIASABLE if isinstance(entry, str) else entry == _TYPE_SET:
                aliases.setdefault("@type" if entry == _TYPE_SET else entry, name)
            else:
                terms.append(_term(name, entry, len(terms), prefixes))
        by_property: dict[str, tuple[TermDefinition, ...]] = {}
        for term in terms:
            if not term.prefix:
                by_property[term.iri] = (*by_property.get(term.iri, ()), term)
        vocabulary = {iri: found[0] for iri, found in by_property.items()}
        prefixes = dict(sorted(prefixes.items(), key=lambda pair: (-len(pair[1]), pair)))
        return cls(entries, tuple(terms), prefixes, aliases, by_property, vocabulary)

    def keyword(self, keyword: str) -> str:
        """Return the alias of a keyword, or the keyword (JSON-LD 1.1, section 4.1.6)."""
        return self.aliases.get(keyword, keyword)

    def compact(self, iri: str, without: Collection[str] = ()) -> str:
        """Return `iri` as a compact IRI with the longest namespace, or unchanged (JSON-LD 1.1, section 4.1.5).

        Prefixes in `without` are not used. A suffix that starts with `//` would be parsed as an absolute IRI.
        """
        for prefix, namespace in self.prefixes.items():
            if iri.startswith(namespace) and prefix not in without:
                rest = iri[len(namespace) :]
                if rest and not rest.startswith("//"):
                    return f"{prefix}:{rest}"
        return iri


def _error(name: str, why: str) -> ValueError:
    return ValueError(f"JSON-LD context, {name!r}: {why}")


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; raises ValueError for a duplicate name, of which `json` would keep the last."""
    made = dict(pairs)
    if repeated := Counter(name for name, _ in pairs) - Counter(made.keys()):
        raise _error(next(iter(repeated)), "it is given twice")
    return made


def _is_iri(text: object) -> bool:
    """Return whether a text is certainly an absolute IRI: an undeclared prefix looks like a scheme."""
    return isinstance(text, str) and ("://" in text or text.startswith("urn:")) and len(text.partition(":")[2]) > 2


def _term(name: str, entry: object, place: int, prefixes: Mapping[str, str]) -> TermDefinition:
    """Return the term that an entry defines; raises ValueError for what is not supported."""

    def iri(written: object) -> str:
        prefix, _, rest = written.partition(":") if isinstance(written, str) else ("", "", "")
        if prefix in prefixes and not rest.startswith("//"):
            return prefixes[prefix] + rest
        if not isinstance(written, str) or not _is_iri(written):
            raise _error(name, f"{written!r} is neither an absolute IRI nor one with a prefix given here")
        return written

    given = {"@id": entry} if isinstance(entry, str) else entry
    if not isinstance(given, dict) or not given.keys() <= {"@id", "@type", "@container", "@language"}:
        raise _error(name, f"{entry!r} is not supported")
    container = given.get("@container", [])
    containers = container if isinstance(container, list) else [container]
    language = "@language" in containers
    forms = ("@type" in given) + ("@language" in given) + language
    if forms > 1 or given.get("@language") or not all(each in ("@set", "@language") for each in containers):
        raise _error(name, f"{entry!r}: a term has @set, and one of @type, @language null, a container @language")
    type_ = _STRING if "@language" in given else given.get("@type")
    if "@type" in given and type_ not in ("@id", "@vocab") and (type_ := iri(type_)) == _STRING:
        raise _error(name, 'xsd:string is not supported: "@language": null says it for every reader')
    return TermDefinition(
        name, iri(given.get("@id")), (place, name), type_, language, "@set" in containers, name in prefixes
    )
