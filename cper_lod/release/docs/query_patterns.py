"""What a query looks for: IRIs with their roles, and triple patterns; read in linear time, without a parser."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, Literal, NamedTuple

from cper_lod.core.namespaces import RDF
from cper_lod.engine.syntax import decode_escapes, tokens

Role = Literal["class", "property", "thing", "other"]
"""What an IRI is: the class of something, a property, a subject or object; or a value that is compared or given."""
TYPE: Final = f"<{RDF}type>"


class Pattern(NamedTuple):
    """A triple pattern in SPARQL, with whole IRIs."""

    subject: str
    property: str
    object: str


class QueryPatterns:
    """What a valid query looks for, wherever in it: `roles` of IRIs, and `patterns`.

    Of a path of properties (`/`), the pattern is that of the first one. Left out are the patterns of other paths and of what has
    brackets, and what a CONSTRUCT makes.

    >>> [" ".join(each) for each in QueryPatterns("ASK { ?x <urn:p>/<urn:q> 'é'@fr ; a <urn:c> , 2 }", "").patterns]
    ['?x <urn:p> ?_v', '?x <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:c>', '?x <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> 2']
    """

    def __init__(self, query: str, base: str) -> None:
        self.roles = dict[tuple[str, Role], None]()
        self.patterns = list[Pattern]()
        groups, chunk, group, word = list[str](), list[str](), "", ""
        for kind, text in _terms(decode_escapes(query), base):
            if kind != "word" and text not in ("{", "}", "."):
                chunk.append(text)
                continue
            if group == "VALUES" or (word not in ("", "GRAPH", "FROM", "NAMED") and group != "CONSTRUCT"):
                self._note("other", chunk)
            elif not (word or group):
                self._read(chunk)
            chunk = []
            if text == "{":
                groups.append(group)
                group = word if word in ("VALUES", "CONSTRUCT") else group
            elif text == "}" and groups:
                group = groups.pop()
            word = text.upper() if kind == "word" else ""

    def _read(self, chunk: Sequence[str]) -> None:
        """Read a subject with its properties and objects, or an expression."""
        if not chunk or not {"(", "[", "<<"}.isdisjoint(chunk):
            self._note("other", chunk)
            return
        self._note("thing", chunk[:1])
        for words in ([*part] for is_end, part in groupby(chunk[1:], ";".__eq__) if not is_end):
            end = words.index(",") if "," in words else len(words)
            verb, objects = words[: end - 1], words[end - 1 :: 2]
            self._note("property", verb)
            self._note("class" if verb == [TYPE] else "thing", objects)
            if verb and all(each == "/" for each in verb[1::2]):
                self.patterns += (Pattern(chunk[0], verb[0], "?_v" if verb[1:] else value) for value in objects)

    def _note(self, role: Role, texts: Sequence[str]) -> None:
        self.roles |= {(each[1:-1], role): None for each in texts if each[0] == "<" and each[-1] == ">"}


def _terms(query: str, base: str) -> Iterator[tuple[str, str]]:
    """Yield kind and text of what follows the prologue: IRIs resolved, literals whole, `a` as an IRI, blank nodes as variables."""
    literal = ""
    for token in tokens(query, base):
        if token.in_prologue:
            continue
        iri = RDF + "type" if token.text == "a" else token.iri
        text = f"<{iri}>" if iri else token.text.replace("_:", "?_", 1) if token.kind == "blank" else token.text
        joins = token.kind == "language" or text == "^^" or literal.endswith(("^^", "-"))
        if literal and not joins:
            yield "literal", literal
            literal = ""
        if joins or token.kind in ("string", "number") or text.lower() in ("-", "true", "false"):
            literal += text
        else:
            yield ("iri" if iri else token.kind), text
