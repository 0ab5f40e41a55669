"""RDF/XML writer; raises an error for data that RDF/XML cannot represent."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import PREFIXES, RDF
from cper_lod.rdf.statements import PREDICATE_RANK, TYPE, Statement, content_labels, natural_sort_key, subject_order

# Letters allowed in names by both the fourth edition of XML 1.0 (expat) and the fifth.
_LETTER: Final = "A-Za-z_À-ÖØ-öø-ıĴ-ľŁ-ňŊ-žΑ-ΡΣ-ώА-я一-龥"
_SPLIT: Final = re.compile(rf"<(.+?)([{_LETTER}][{_LETTER}0-9.-]*)>")
_RESERVED: Final = ("http://www.w3.org/2000/xmlns/", "http://www.w3.org/XML/1998/namespace")  # Namespaces, section 3
# Names with a special meaning as an element (RDF/XML, section 5.1).
_SYNTAX_NAMES: Final = {
    f"<{RDF}{name}>"
    for name in (
        *("RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype"),
        *("Description", "aboutEach", "aboutEachPrefix", "bagID", "li"),
    )
}
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0B\x0C\x0E-\x1F\uD800-\uDFFF\uFFFE\uFFFF]")
_PREFIX_OF: Final = {namespace: prefix for prefix, namespace in PREFIXES.items()}
_LITERAL: Final = re.compile(r'"(.*)"(?:@([A-Za-z0-9-]+)|\^\^<([^">]*)>)?', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_CHARACTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ATTRIBUTE_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})
_TEXT_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def write(statements: Sequence[Statement], root: str | None) -> str:
    """Return the RDF/XML document of `statements`; their graphs are ignored.

    Raises `rdfxml-impossible` with the predicate as `iri`, if it cannot be split into namespace and name (RDF/XML, section
    2.1.4), or if a value contains a character that is not allowed in XML, a text direction or a triple term.
    """
    about: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, object_, _ in statements:
        about[subject][predicate].append(object_)
    names = _ElementNames([predicate for said in about.values() for predicate in said])
    nodes = {term for each in statements for term in (each.subject, each.object) if term.startswith("_:")}
    labels = content_labels(statements, nodes)
    subjects = sorted(about, key=subject_order(lambda subject: about[subject].get(TYPE, ()), root, labels))
    body = [_description(subject, about[subject], names, labels) for subject in subjects]
    declared = "".join(
        f'\n    xmlns:{prefix}="{namespace.translate(_ATTRIBUTE_ESCAPES)}"'
        for prefix, namespace in sorted(names.used.items())
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{declared}>\n' + "".join(body) + "</rdf:RDF>\n"


class _ElementNames:
    """Element names of predicates and classes, and the namespaces in use."""

    def __init__(self, predicates: Sequence[str]) -> None:
        split = {predicate: _split(predicate) for predicate in dict.fromkeys(predicates)}
        others = sorted({namespace for namespace, _ in split.values()} - set(PREFIXES.values()))
        self.prefixes = _PREFIX_OF | {namespace: f"ns{number}" for number, namespace in enumerate(others, start=1)}
        self.used = {"rdf": RDF}
        self.elements = {predicate: self._element(*pair) for predicate, pair in split.items()}

    def _element(self, namespace: str, local: str) -> str:
        prefix = self.prefixes[namespace]
        self.used[prefix] = namespace
        return f"{prefix}:{local}"

    def of_class(self, iri: str) -> str | None:
        """Return the element name of a class in one of our namespaces except rdf; None for any other class."""
        match = _SPLIT.fullmatch(iri)
        if match is None or match[1] not in _PREFIX_OF or match[1] == RDF:
            return None
        return self._element(match[1], match[2])


def _split(predicate: str) -> tuple[str, str]:
    match = _SPLIT.fullmatch(predicate)
    if match is None or match[1] in _RESERVED or predicate in _SYNTAX_NAMES:
        raise Problem("rdfxml-impossible", iri=predicate[1:-1])
    return match[1], match[2]


def _resource(term: str, labels: dict[str, str], attribute: str) -> str:
    """Return the attribute that identifies a resource."""
    if term.startswith("_:"):
        return f'rdf:nodeID="{labels[term][2:]}"'
    return f'rdf:{attribute}="{term[1:-1].translate(_ATTRIBUTE_ESCAPES)}"'


def _description(subject: str, said: dict[str, list[str]], names: _ElementNames, labels: dict[str, str]) -> str:
    """Return a subject as a node element, named after its first class if that is in one of our namespaces."""
    types = sorted(said.get(TYPE, ()), key=natural_sort_key)
    elements = [(each, name) for each in types if (name := names.of_class(each)) is not None]
    kind, element = elements[0] if elements else (None, "rdf:Description")
    lines = []
    for predicate in sorted(
        said, key=lambda each: (PREDICATE_RANK.get(each, len(PREDICATE_RANK)), names.elements[each], each)
    ):
        for value in _sorted(said[predicate], labels):
            if not (predicate == TYPE and value == kind):
                lines.append(f"    {_property(predicate, value, names, labels)}\n")
    opening = f"  <{element} {_resource(subject, labels, 'about')}"
    return f"{opening}>\n{''.join(lines)}  </{element}>\n" if lines else f"{opening}/>\n"


def _sorted(values: list[str], labels: dict[str, str]) -> list[str]:
    if len(values) == 1:
        return values
    written = {value: labels.get(value, value) for value in values}
    return sorted(values, key=lambda value: natural_sort_key(written[value]))


def _property(predicate: str, value: str, names: _ElementNames, labels: dict[str, str]) -> str:
    element = names.elements[predicate]
    if value[0] != '"':
        if value.startswith("<<("):
            raise Problem("rdfxml-impossible", iri=predicate[1:-1])
        return f"<{element} {_resource(value, labels, 'resource')}/>"
    match = _LITERAL.fullmatch(value)
    text = _ESCAPE.sub(_decode_escape, match[1]) if match else "\0"
    if match is None or _FORBIDDEN.search(text) or (match[2] and "--" in match[2]):
        raise Problem("rdfxml-impossible", iri=predicate[1:-1])
    attribute = f' xml:lang="{match[2]}"' if match[2] else ""
    if match[3]:
        attribute = f' rdf:datatype="{match[3].translate(_ATTRIBUTE_ESCAPES)}"'
    return f"<{element}{attribute}>{text.translate(_TEXT_ESCAPES)}</{element}>"


def _decode_escape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _CHARACTERS.get(match[3], match[3])
