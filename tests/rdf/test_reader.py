"""Reading: every format, positions of errors, blank node names that only depend on the file, comments."""

import os
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.rdf import parse_errors
from cper_lod.rdf.reader import FORMATS, parse, read
from tests.support.refusals import refused

RDF_XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x/">\n{}</rdf:RDF>\n'
ONE = Quad(NamedNode("http://x/a"), NamedNode("http://x/b"), Literal("é", language="fr"))
ONE_AS = {
    ".ttl": '@prefix x: <http://x/> . x:a x:b "é"@fr .',
    ".nt": '<http://x/a> <http://x/b> "é"@fr .',
    ".nq": '<http://x/a> <http://x/b> "é"@fr .',
    ".trig": '{ <http://x/a> <http://x/b> "é"@fr }',
    ".rdf": RDF_XML.format('<rdf:Description rdf:about="http://x/a"><x:b xml:lang="fr">é</x:b></rdf:Description>'),
    ".jsonld": '{"@id": "http://x/a", "http://x/b": {"@value": "é", "@language": "fr"}}',
}
ONE_AS |= {".xml": ONE_AS[".rdf"], ".owl": ONE_AS[".rdf"], ".json": ONE_AS[".jsonld"]}


def fault(name: str, data: str | bytes) -> Problem:
    with pytest.raises(Problem) as caught:
        parse(data.encode() if isinstance(data, str) else data, path=Path(name))
    assert str(Path(name)) in caught.value.words("fr").detail
    return caught.value


@pytest.mark.parametrize("ending", sorted(FORMATS))
def test_every_format_gives_the_same_quad(ending: str, tmp_path: Path):
    path = tmp_path / f"a{ending.upper()}"
    path.write_text(ONE_AS[ending], "utf-8")
    assert read(path) == [ONE]
    path.write_text("\ufeff" + ONE_AS[ending], "utf-8")
    assert read(path) == [ONE]
    path.write_text(" \n", "utf-8")
    assert read(path) == []


@pytest.mark.parametrize(
    ("name", "data", "line", "column", "words"),
    [
        ("a.ttl", "\n<http://x/a> <http://x/é>\n  é .", 3, 3, "é"),
        ("a.ttl", "<http://x/a>\n <b> <http://x/c> .", 2, 2, "relative IRI"),
        ("a.trig", "<http://x/g> { <http://x/a> <http://x/b> }", 1, 42, ""),
        ("a.rdf", RDF_XML.format('é<rdf:Description rdf:about="a"><x:b>1</x:b></rdf:Description>'), 2, 2, "text"),
        ("a.xml", RDF_XML.format("<x:T><x:b>1</x:b></x:T>").replace("</rdf:RDF>\n", ""), 2, 24, "no element found"),
        ("a.xml", '<?xml version="1.0" encoding="ISO-8859-1"?>\n' + RDF_XML, 1, 43, "Only UTF-8"),
        ("a.json", '{"@id": "http://x/a",\n"http://x/b": 1,}', 2, 17, "Trailing commas"),
        ("a.jsonld", '[{"@id": "http://x/a", "http://x/é": 1},\n  {"@id": 3}]', 2, 12, "@id value must be a string"),
        ("a.jsonld", '{"@id": "http://x/a",\n "http://x/b": {"@id": "rel"}}', 2, 24, "relative IRI “rel”"),
    ],
)
def test_a_syntax_error_has_its_position(name: str, data: str, line: int, column: int, words: str):
    problem = fault(name, data)
    assert problem.kind.code == "source-syntax"
    assert (problem.params["line"], problem.params["column"]) == (line, column), problem
    assert words in str(problem)


@pytest.mark.parametrize("context", ['"http://x/c"', '{"@import": "http://x/c"}', '"c.jsonld"'])
def test_a_remote_context_is_never_fetched(context: str):
    assert fault("a.jsonld", f'{{"@context": {context}, "http://x/b": 1}}').kind.code == "source-context"


@pytest.mark.parametrize(
    ("data", "line", "byte"),
    [
        ('<http://x/a>\n<http://x/b>\n"é"'.encode("latin-1"), 3, "0xE9"),
        ("<http://x/a>".encode("utf-16"), 1, "0xFF"),
        ("<http://x/a>".encode("utf-16-le"), 1, "0x00"),
    ],
)
def test_invalid_utf8_is_reported_by_line_and_byte(data: bytes, line: int, byte: str):
    problem = fault("a.nt", data)
    assert (problem.kind.code, problem.params["line"], problem.params["byte"]) == ("source-encoding", line, byte)


def test_unknown_suffixes_missing_files_and_folders(tmp_path: Path):
    with refused("source-format", ".jsonld"):
        parse(b"x", path=Path("a.csv"))
    (tmp_path / "dir.ttl").mkdir()
    for name, code in (("no.ttl", "source-missing"), ("dir.ttl", "permission")):
        with refused(code):
            read(tmp_path / name)


def test_blank_nodes_are_named_by_first_occurrence_and_scope():
    data = b"<http://x/a> <http://x/b> _:z, [], _:a . _:a <http://x/b> _:z, 1, 1 ."
    a, b = NamedNode("http://x/a"), NamedNode("http://x/b")
    z, anonymous, second = (BlankNode(f"s1-b{number}") for number in (1, 2, 3))
    one = Literal(1)
    expected = [Quad(a, b, z), Quad(a, b, anonymous), Quad(a, b, second), Quad(second, b, z), Quad(second, b, one)]
    assert parse(data, path=Path("a.ttl"), scope="s1-") == expected
    assert not set(parse(data, path=Path("a.ttl"))) & set(expected)
    graph = parse(b"_:g { _:g <http://x/b> <<( _:h <http://x/b> _:g )>> }", path=Path("a.trig"))
    assert [str(each) for each in graph] == ["_:b1 <http://x/b> <<( _:b2 <http://x/b> _:b1 )>> _:b1"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonld", '{"@id": "http://x/a",\n"http://x/b": ' + '{"http://x/b": ' * 30_000 + "1" + "}" * 30_001),
        ("a.ttl", "<x:a> <x:b>\n" + "<<( <x:a> <x:b> " * 30_000 + "1" + " )>>" * 30_000 + " ."),
    ],
)
def test_nesting_that_would_crash_the_parser_is_rejected(name: str, text: str):
    problem = fault(name, text)
    assert problem.kind.code == "source-syntax"
    assert problem.params["line"] == 2
    assert f"more than {parse_errors.DEPTH} levels" in str(problem)


def test_an_xml_entity_is_read_and_a_bomb_is_not():
    owl = '<!DOCTYPE rdf:RDF [\n<!ENTITY x "http://x/">\n<!ENTITY y "&x;y/">\n]>\n'
    body = RDF_XML.format('<rdf:Description rdf:about="&y;a"><x:b rdf:resource="&x;c"/></rdf:Description>')
    assert str(parse((owl + body).encode(), path=Path("a.owl"))[0]) == "<http://x/y/a> <http://x/b> <http://x/c>"
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">\n' for n in range(1, 10))
    problem = fault("a.owl", f'<!DOCTYPE x [\n<!ENTITY e0 "0123456789">\n{bomb}]>\n' + RDF_XML.format(""))
    assert problem.kind.code == "source-syntax"
    assert "expands" in str(problem)
    outside = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{os.devnull}">]>' + RDF_XML.format("<x:T><x:b>&e;</x:b></x:T>")
    assert fault("a.rdf", outside).kind.code == "source-syntax"


OBJECTS = ['"a#"', "'#'", '"""#\n"#"\n"""', "<http://x/#>", "x:a\\#b", "#c", "[ x:p 1 ]"]


@given(st.lists(st.sampled_from(OBJECTS), min_size=1))
@settings(deadline=None)
def test_comments_are_what_the_parser_ignores(objects: list[str]):
    text = "@prefix x: <http://x/> .\n<http://x/s> <http://x/p> 0\n" + "\n".join(
        each if each == "#c" else f", {each}" for each in objects
    )
    assert parse(f"{text}\n.".encode(), path=Path("a.ttl"))
    with nullcontext() if "#c" not in objects else pytest.raises(Problem, match="#c"):
        parse_errors.check_comments(text.encode(), Path("a.ttl"))
