"""Compiled JSON-LD 1.1 context: the key and type coercion of each property, class and IRI."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cper_lod.core.namespaces import XSD

_ALIASABLE: Final = frozenset({"@id", "@type", "@value", "@language", "@list", "@graph", "@included"})
_ENTRIES: Final = frozenset({"@id", "@type", "@container", "@language"})
_TYPE_SET: Final = {"@id": "@type", "@container": "@set"}
_CONTAINERS: Final = (["@language"], ["@set"], ["@language", "@set"], ["@set", "@language"])
_GEN_DELIMS: Final = ":/?#[]@"
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

    def fit_literal(self, datatype: str, language: str | None, direction: str | None) -> int | None:
        """Return how well a literal fits: 0 is best, None means not at all (JSON-LD 1.1, section 5.2.8).

        A language map accepts plain text too, under `@none`, but no base direction.
        """
        if self.language:
            return (None if direction else 0) if language is not None else 2 if datatype == _STRING else None
        return 0 if language is None and self.type == datatype else None

    def fit_node(self, *, known: bool) -> int | None:
        """Return how well an IRI or blank node fits; `known` is true if it has a term in the context."""
        if self.language or self.type not in (None, "@id", "@vocab"):
            return None
        if self.type == "@vocab":
            return 0 if known else 2
        return 1 if self.type else 3


@dataclass(frozen=True, eq=False)
class Context:
    """A context file, compiled for lookups by IRI.

    `document` is the value of `@context` as parsed, `terms` are all terms in file order, `prefixes` maps prefixes to
    namespaces (longest namespace first), `aliases` maps keywords to their aliases. `type_set` means that `@type` is an array
    even of one class.
    """

    document: Mapping[str, Any]
    terms: tuple[TermDefinition, ...]
    prefixes: Mapping[str, str]
    aliases: Mapping[str, str]
    by_property: Mapping[str, tuple[TermDefinition, ...]] = field(repr=False)
    vocabulary: Mapping[str, TermDefinition] = field(repr=False)
    type_set: bool = False

    @classmethod
    def parse(cls, document: bytes | dict[str, Any]) -> "Context":
        """Compile a context file, `{"@context": {…}}` (JSON-LD 1.1, sections 4.1 and 9.15).

        Raises ValueError, with the entry, for invalid JSON, for a duplicate name, and for features that are not supported:
        `@vocab`, `@base`, `@reverse`, scoped contexts, lists of contexts, remote contexts…
        """
        if isinstance(document, bytes):
            document = json.loads(document, object_pairs_hook=_unique_names)
        if not isinstance(document, dict) or list(document) != ["@context"]:
            raise ValueError('a context file is one object with the one key "@context"')
        entries = document["@context"]
        if not isinstance(entries, dict):
            raise _error("@context", "it must be one object, neither a list nor the address of another context")
        version = entries.get("@version", 1.1)
        _require(version == 1.1, "@version", f"{version!r} is not 1.1")
        named = {name: entry for name, entry in entries.items() if name != "@version"}
        terms: list[TermDefinition] = []
        aliases: dict[str, str] = {}
        for name, entry in named.items():
            # A name must not be parsed as a keyword, an IRI, or a scheme used in the data.
            strange = not name or name.startswith("@") or ":" in name or "/" in name
            _require(not strange and name not in ("_", "http", "https", "urn"), name, "this name is not supported")
            if isinstance(entry, str) and entry.startswith("@"):
                _require(entry in _ALIASABLE, name, f"an alias of {entry} is not supported")
                aliases.setdefault(entry, name)
            elif entry == _TYPE_SET:  # JSON-LD 1.1, section 9.15.1: the one keyword with a container
                aliases.setdefault("@type", name)
            else:
                terms.append(_term(named, name, entry, len(terms)))
        by_property: dict[str, tuple[TermDefinition, ...]] = {}
        for term in terms:
            if not term.prefix:
                by_property[term.iri] = (*by_property.get(term.iri, ()), term)
        vocabulary = {iri: found[0] for iri, found in by_property.items()}
        prefixes = {term.name: term.iri for term in terms if term.prefix}
        prefixes = dict(sorted(prefixes.items(), key=lambda pair: (-len(pair[1]), pair)))
        type_set = _TYPE_SET in named.values()
        return cls(entries, tuple(terms), prefixes, aliases, by_property, vocabulary, type_set)

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


def _require(condition: object, name: str, why: str) -> None:
    if not condition:
        raise _error(name, why)


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; raises ValueError for a duplicate name, of which `json` would keep the last."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise _error(name, "it is given twice")
        made[name] = value
    return made


def _term(entries: dict[str, Any], name: str, entry: object, place: int) -> TermDefinition:
    """Return the term that an entry defines; raises ValueError for what is not supported."""
    rank = (place, name)
    if isinstance(entry, str):
        iri = _iri(entries, name, entry)
        # A simple term is a prefix if its IRI ends with a gen-delim (JSON-LD 1.1 API, section 4.2.2, step 14.2.5).
        return TermDefinition(name, iri, rank, prefix=iri[-1] in _GEN_DELIMS)
    if not isinstance(entry, dict):
        raise _error(name, f"{entry!r} is neither an IRI nor a definition")
    for key in entry:
        _require(key in _ENTRIES, name, f"{key} is not supported")
    _require(isinstance(entry.get("@id"), str), name, "@id must be an IRI")
    given = entry.get("@container", [])
    containers = given if isinstance(given, list) else [given]
    supported = containers in _CONTAINERS or "@container" not in entry
    _require(supported, name, f"@container {given!r} is not supported")
    type_ = entry.get("@type")
    if type_ is not None and type_ not in ("@id", "@vocab"):
        type_ = _iri(entries, name, type_)
        words = 'xsd:string is not supported: "@language": null says it for every reader'
        _require(type_ != _STRING, name, words)
    if "@language" in entry:
        alone = entry["@language"] is None and type_ is None
        _require(alone, name, "@language other than null, or beside @type, is not supported")
        type_ = _STRING
    both = type_ is not None and "@language" in containers
    _require(not both, name, "@type or @language beside a @language container is not supported")
    iri = _iri(entries, name, entry["@id"])
    return TermDefinition(name, iri, rank, type_, "@language" in containers, "@set" in containers)


def _iri(entries: dict[str, Any], name: str, written: object, seen: tuple[str, ...] = ()) -> str:
    """Return the IRI that `written` denotes in the entry `name`, independent of the order of entries."""
    if not isinstance(written, str) or written.startswith(("@", "_:")):
        raise _error(name, f"{written!r} is not supported")
    prefix, colon, rest = written.partition(":")
    if colon and prefix in entries and not rest.startswith("//"):
        is_prefix = prefix not in seen and isinstance(entries[prefix], str)
        _require(is_prefix, name, f"{prefix!r} in {written!r} is no prefix")
        namespace = _iri(entries, prefix, entries[prefix], (*seen, prefix))
        _require(namespace[-1] in _GEN_DELIMS, name, f"{prefix!r} in {written!r} ends in none of {_GEN_DELIMS}")
        return namespace + rest
    # An undeclared prefix looks like a scheme: only accept what is certainly an absolute IRI.
    absolute = colon and (rest.startswith("//") or prefix == "urn") and len(rest) > 2
    _require(absolute, name, f"{written!r} is neither an absolute IRI nor one with a prefix given here")
    return written
