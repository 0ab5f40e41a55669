"""What a query looks for: triple patterns, IRIs with their roles; read in linear time, without a parser."""

from collections.abc import Iterator, Sequence
from itertools import count, groupby, pairwise
from typing import Final, Literal, NamedTuple

from cper_lod.core.namespaces import RDF
from cper_lod.engine.syntax.prologue import Prologue, decode_escapes
from cper_lod.engine.syntax.tokenizer import tokens

Role = Literal["class", "property", "thing", "graph", "other"]
"""What an IRI is: the class of something, a property, a subject or object, a named graph; or a value that is compared or given."""
TYPE: Final = f"<{RDF}type>"
_GROUPS: Final = ("OPTIONAL", "MINUS", "NOT", "GRAPH", "VALUES", "CONSTRUCT")
"""The words before groups that no solution needs in the default graph; in those of the last two, no other word counts."""


class Pattern(NamedTuple):
    """A triple pattern in SPARQL, with whole IRIs; `group` has the numbers of the groups around it."""

    subject: str
    property: str
    object: str
    group: tuple[int, ...]

    def is_joined(self, other: "Pattern") -> bool:
        """Return whether two patterns share a variable, and one is in the group of the other or below it."""
        shared = {each for each in self[:3] if each[0] == "?"} & {*other[:3]}
        size = min(len(self.group), len(other.group))
        return bool(shared) and self.group[:size] == other.group[:size]


class QueryPatterns:
    """What a valid query looks for: `roles` of IRIs, and the `patterns` that each solution needs.

    A path of properties (`/`) is several patterns. Left out are other paths, what has brackets, and what follows a filter
    without a full stop.

    >>> [" ".join(each[:3]) for each in QueryPatterns("ASK { ?x <urn:p>/<urn:q> 'é'@fr, 2 ; <urn:r> ?y }", "").patterns]
    ['?x <urn:p> ?_2', "?_2 <urn:q> 'é'@fr", '?x <urn:p> ?_3', '?_3 <urn:q> 2', '?x <urn:r> ?y']
    """

    def __init__(self, query: str, base: str) -> None:
        self.roles = dict[tuple[str, Role], None]()
        self.patterns = list[Pattern]()
        self._numbers = count(1)
        stack, chunk = list[tuple[str, tuple[int, ...]]](), list[str]()
        numbers: tuple[int, ...] = (0,)
        group, word = "", ""
        for kind, text in _terms(decode_escapes(query), base):
            if kind != "word" and text not in ("{", "}", "."):
                chunk.append(text)
                continue
            if word in ("GRAPH", "FROM", "NAMED"):
                self._note("graph", chunk)
            else:
                self._read(chunk, group if not word or group == "CONSTRUCT" else "VALUES", numbers)
            chunk, keyword = [], text.upper() if kind == "word" else ""
            if text == "{":
                stack.append((group, numbers))
                group = word if word in _GROUPS and group not in _GROUPS[-2:] else group
                numbers = (*numbers, next(self._numbers))
            elif text == "}":
                group, numbers = stack.pop() if stack else (group, numbers)
            elif keyword == "SELECT":  # a subquery has variables of its own
                numbers = (next(self._numbers),)
            elif keyword == "FROM":
                group = keyword
            word = "NOT" if (word, keyword) == ("NOT", "EXISTS") else keyword

    def _read(self, chunk: Sequence[str], group: str, numbers: tuple[int, ...]) -> None:
        """Read a subject with its properties and objects, or expressions."""
        if group == "CONSTRUCT":
            return
        if not chunk or group == "VALUES" or not {"(", "[", "<<"}.isdisjoint(chunk):
            self._note("other", chunk)
            return
        self._note("thing", chunk[:1])
        for words in ([*part] for is_end, part in groupby(chunk[1:], ";".__eq__) if not is_end):
            end = words.index(",") if "," in words else len(words)
            verb, objects = words[: end - 1], words[end - 1 :: 2]
            self._note("property", verb)
            self._note("class" if verb == [TYPE] else "thing", objects)
            if verb and not group and all(each == "/" for each in verb[1::2]):
                for value in objects:
                    nodes = [chunk[0], *(f"?_{next(self._numbers)}" for _ in verb[2::2]), value]
                    ends = zip(pairwise(nodes), verb[::2], strict=True)
                    self.patterns += (Pattern(subject, step, value, numbers) for (subject, value), step in ends)

    def _note(self, role: Role, texts: Sequence[str]) -> None:
        self.roles |= {(each[1:-1], role): None for each in texts if each[0] == "<" and each[-1] == ">"}


def _terms(query: str, base: str) -> Iterator[tuple[str, str]]:
    """Yield kind and text of what follows the prologue: IRIs resolved, literals whole, `a` as an IRI, blank nodes as variables."""
    prologue, literal = Prologue(base), ""
    for token in tokens(query):
        if prologue.verb is None and not prologue.feed(token):
            continue
        iri = RDF + "type" if token.text == "a" else prologue.resolve(token)
        text = f"<{iri}>" if iri else token.text.replace("_:", "?_", 1) if token.kind == "blank" else token.text
        joins = token.kind == "language" or text == "^^" or literal.endswith(("^^", "-"))
        if literal and not joins:
            yield "literal", literal
            literal = ""
        if joins or token.kind in ("string", "number") or text.lower() in ("-", "true", "false"):
            literal += text
        else:
            yield ("iri" if iri else token.kind), text
