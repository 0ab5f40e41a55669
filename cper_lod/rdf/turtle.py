"""Turtle and TriG writer with readable and reproducible output.

Only prefixes in use; one paragraph per subject, one line per predicate, in reading order; blank nodes and lists nested
where possible.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cper_lod.core.namespaces import PREFIXES, XSD
from cper_lod.rdf.statements import (
    FIRST,
    NIL,
    PREDICATE_RANK,
    REST,
    TRIPLE_TERM_TOKENS,
    TYPE,
    Statement,
    list_cells,
    natural_sort_key,
    subject_order,
)

_Described = dict[str, dict[str, list[str]]]
"""Objects by subject and predicate."""
DEPTH: Final = 20
"""Maximum nesting of blank nodes; deeper ones get labels, for readability and to limit recursion."""


class _BlankNodes:
    """How each blank node of a document is written.

    `nested`: as `[ … ]`; `lists`: nested list heads, with their items; `labelled`: with the label that it has. A node in
    none of them is a subject without references, written as `[]`.
    """

    def __init__(self, statements: Sequence[Statement]) -> None:
        about: dict[str, list[Statement]] = defaultdict(list)
        mentions: dict[str, list[Statement]] = defaultdict(list)
        in_terms: set[str] = set()
        for statement in statements:
            if statement.subject.startswith("_:"):
                about[statement.subject].append(statement)
            if statement.object.startswith("_:"):
                mentions[statement.object].append(statement)
            elif statement.object.startswith("<<("):
                in_terms.update(each for each in TRIPLE_TERM_TOKENS.findall(statement.object) if each[:2] == "_:")
            if statement.graph.startswith("_:"):
                in_terms.add(statement.graph)
        # Referred to at most once, and described in one graph, that of the reference.
        alone = {
            node
            for node in about.keys() | mentions.keys()
            if node not in in_terms and len(mentions[node]) < 2
            if len({each.graph for each in (*about[node], *mentions[node])}) == 1
        }
        parents = {node: mentions[node][0] for node in alone if mentions[node]}
        cells = {
            node: (first.object, rest.object)
            for node in parents
            if len(described := about[node]) == 2
            for first, rest in (described,)  # sorted by predicate
            if first.predicate == FIRST and rest.predicate == REST
        }
        lists = list_cells({cell: rest for cell, (_, rest) in cells.items()}, NIL)
        heads = {cell: head for head, members in lists.items() for cell in members}
        children: dict[str, list[str]] = defaultdict(list)
        for node, parent in parents.items():
            if heads.get(node, node) == node:
                children[heads.get(parent.subject, parent.subject)].append(node)
        self.nested: set[str] = set()
        # Cycles are never reached.
        level, depth = [subject for subject in children if subject not in parents], 0
        while level:
            depth += 1
            level = [child for subject in level for child in children.get(subject, ())]
            if depth % (DEPTH + 1):
                self.nested.update(level)
        self.lists = {head: [cells[each][0] for each in lists[head]] for head in lists.keys() & self.nested}
        self.nested.update(cell for cell, head in heads.items() if head in self.lists)
        anonymous = alone - parents.keys()
        self.labelled = (about.keys() | mentions.keys() | in_terms) - self.nested - anonymous


WIDTH: Final = 120
_INDENT: Final = 4

_PREFIX_OF: Final = {namespace: prefix for prefix, namespace in PREFIXES.items()}
_CHARACTERS: Final = (
    "A-Za-z0-9_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_INSIDE: Final = ".\u0300-\u036f\u203f-\u2040"
# PN_LOCAL of the Turtle grammar (section 6.5) without characters that need an escape or are confusing (`:`, `%`). The large
# class stands there once: it takes 3 ms to compile, at each start.
_LOCAL: Final = re.compile(rf"(?![{_INSIDE}\u00b7-])[{_CHARACTERS}{_INSIDE}\u00b7-]+(?<![{_INSIDE}])")

# Literals written without quotes, by datatype: only forms that every parser returns unchanged. Some (rdflib) parse
# them as numbers, and lose leading zeros, a plus sign, and decimals of more than six places.
_UNQUOTED: Final = {
    XSD + "boolean": re.compile("true|false"),
    XSD + "integer": re.compile("0|-?[1-9][0-9]{0,99}"),
    XSD + "decimal": re.compile(r"-?(?:0|[1-9][0-9]{0,99})\.[0-9]{1,6}"),
}
_TYPED: Final = re.compile(r'"(.*)"\^\^<([^">]*)>', re.DOTALL)
_NEWLINE: Final = re.compile(r"(?<!\\)(?:\\\\)*\\n")
_ESCAPE: Final = re.compile(r"\\(.)")
_AWKWARD_QUOTE: Final = re.compile(r'(?<=")"|"(?="|\Z)')


class TurtleTerms(dict[str, str]):
    """The Turtle syntax of terms, by their N-Triples syntax; collects the prefixes in use."""

    def __init__(self) -> None:
        super().__init__()
        self.prefixes: set[str] = set()

    def __missing__(self, term: str) -> str:
        text = self[term] = self._write(term)
        return text

    def _write(self, term: str) -> str:
        if term[0] == '"':
            return self._literal(term)
        if term.startswith("_:"):
            return term
        if term.startswith("<<("):
            return " ".join(each if each in ("<<(", ")>>") else self[each] for each in TRIPLE_TERM_TOKENS.findall(term))
        return self._iri(term)

    def _iri(self, term: str) -> str:
        cut = max(term.rfind("#"), term.rfind("/")) + 1
        prefix = _PREFIX_OF.get(term[1:cut])
        if prefix is None or not _LOCAL.fullmatch(term, cut, len(term) - 1):
            return term
        self.prefixes.add(prefix)
        return f"{prefix}:{term[cut:-1]}"

    def _literal(self, term: str) -> str:
        typed = _TYPED.fullmatch(term) if term[-1] == ">" else None
        if typed is None:
            quoted, ending = term[: term.rindex('"') + 1], term[term.rindex('"') + 1 :]
        else:
            short = _UNQUOTED.get(typed[2])
            if short and short.fullmatch(typed[1]):
                return typed[1]
            quoted, ending = f'"{typed[1]}"', f"^^{self[f'<{typed[2]}>']}"
        return (_multiline(quoted) if "\\n" in quoted else quoted) + ending


def _multiline(quoted: str) -> str:
    """Return a quoted string as a long string with real line breaks; other escapes are kept, quotes escaped if necessary."""
    if not _NEWLINE.search(quoted):
        return quoted  # an escaped backslash before an n
    plain = _ESCAPE.sub(lambda match: {"n": "\n", '"': '"'}.get(match[1], match[0]), quoted[1:-1])
    return '"""' + _AWKWARD_QUOTE.sub(r"\\\g<0>", plain) + '"""'


def write(statements: Sequence[Statement], root: str | None, order: Mapping[str, int]) -> str:
    """Return the TriG document of `statements`, which is Turtle if all are in the default graph.

    Predicates are sorted in reading order, then by their position in `order` (by `<iri>`), then by name.
    """
    ranks = {predicate: len(PREDICATE_RANK) + place for predicate, place in order.items()} | PREDICATE_RANK
    arranged = _BlankNodes(statements)
    terms = TurtleTerms()
    graphs: dict[str, _Described] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for subject, predicate, object_, graph in statements:
        graphs[graph][subject][predicate].append(object_)
    blocks: list[str] = []
    for name in sorted(graphs, key=lambda name: (name[:1] == "_", natural_sort_key(terms[name] if name else ""))):
        paragraphs = _GraphWriter(graphs[name], arranged, terms, ranks, _INDENT if name else 0).paragraphs(root)
        if name:
            blocks.append(f"{terms[name]} {{\n" + "\n\n".join(paragraphs) + "\n}")
        else:
            blocks.extend(paragraphs)
    prefixes = [f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in sorted(terms.prefixes)]
    if prefixes:
        blocks.insert(0, "".join(prefixes)[:-1])
    return "\n\n".join(blocks) + "\n" if blocks else ""


@dataclass(frozen=True)
class _GraphWriter:
    """Writes one graph; `ranks` are the ranks of predicates, `margin` is the indentation of subjects."""

    about: _Described
    arranged: _BlankNodes
    terms: TurtleTerms
    ranks: Mapping[str, int]
    margin: int

    def paragraphs(self, root: str | None) -> list[str]:
        """Return a paragraph for each subject, in order; anonymous subjects come last."""
        nested, labelled = self.arranged.nested, self.arranged.labelled
        named, nameless = [], []
        for subject in self.about:
            if subject in labelled or not subject.startswith("_:"):
                named.append(subject)
            elif subject not in nested:
                nameless.append(self._paragraph(subject, "[]"))
        named.sort(key=subject_order(lambda subject: self.about[subject].get(TYPE, ()), root))
        return [self._paragraph(subject, self.terms[subject]) for subject in named] + sorted(nameless)

    def _paragraph(self, subject: str, written: str) -> str:
        indent = self.margin + _INDENT
        lines = self._properties(subject, indent, self.margin + len(written) + 1)
        return f"{' ' * self.margin}{written} " + f" ;\n{' ' * indent}".join(lines) + " ."

    def _properties(self, subject: str, indent: int, lead: int) -> list[str]:
        """Return predicate and objects for each predicate, the first starting at column `lead`, the others at `indent`."""
        said = self.about.get(subject)
        if not said:
            return []
        ranks, last = self.ranks, len(self.ranks)
        ranked = sorted((ranks.get(each, last), "a" if each == TYPE else self.terms[each], each) for each in said)
        return [
            self._property(written, said[predicate], indent, indent if place else lead)
            for place, (_, written, predicate) in enumerate(ranked)
        ]

    def _property(self, written: str, objects: Sequence[str], indent: int, lead: int) -> str:
        """Return a predicate with its objects, on one line if they fit, else one per line."""
        if len(objects) == 1:
            return f"{written} {self._object(objects[0], indent, lead + len(written) + 1)}"
        inner = indent + _INDENT
        texts = self._sorted(objects, inner)
        line = f"{written} {', '.join(texts)}"
        if "\n" not in line and lead + len(line) + 2 <= WIDTH:
            return line
        pad = "\n" + " " * inner
        return written + pad + f",{pad}".join(texts)

    def _sorted(self, objects: Iterable[str], indent: int) -> list[str]:
        """Return the objects as text: IRIs; literals, French first, then by language or datatype; blank nodes."""
        keyed = []
        for each in objects:
            text = self._object(each, indent, indent)
            if each[0] == "<":
                keyed.append((0, "", natural_sort_key(text), text))
            elif each[0] == '"':
                ending = each[each.rindex('"') + 1 :]
                keyed.append((1, "" if ending == "@fr" else ending, natural_sort_key(each), text))
            else:
                keyed.append((2, "", natural_sort_key(text), text))
        return [text for *_, text in sorted(keyed)]

    def _object(self, term: str, indent: int, lead: int) -> str:
        """Return an object that starts at column `lead`; if it does not fit on the line, it continues below at `indent`."""
        if term not in self.arranged.nested:
            return self.terms[term]
        inner = indent + _INDENT
        items = self.arranged.lists.get(term)
        if items is None:
            opening, closing, separator = "[", "]", " ;"
            lines = self._properties(term, inner, inner)
        else:
            opening, closing, separator = "(", ")", ""
            lines = [self._object(item, inner, inner) for item in items]
        if not lines:
            return "[]"
        flat = f"{opening} {f'{separator} '.join(lines)} {closing}"
        if "\n" not in flat and lead + len(flat) + 2 <= WIDTH:
            return flat
        pad = "\n" + " " * inner
        return opening + pad + f"{separator}{pad}".join(lines) + "\n" + " " * indent + closing
