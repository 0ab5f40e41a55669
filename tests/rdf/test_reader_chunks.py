"""Files read in chunks: the same quads, names and errors as files read as a whole, for any chunk size."""

import os
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from cper_lod.core.errors import Problem
from cper_lod.rdf import reader
from cper_lod.rdf.reader import iter_nquads, read
from tests.support.refusals import refused

GRAPH = NamedNode("http://e.org/g")
FILES = {
    "a.nt": '_:x <http://e.org/p> "été \\u00e9\\t<>"@FR .\n\n#\0why\n<http://e.org/s> <http://e.org/p> _:y .\r\n'
    '<http://e.org/s>\t<http://e.org/p> "1000.00"^^<http://www.w3.org/2001/XMLSchema#decimal>.\n'
    "_:y <http://e.org/p> _:x .",
    "a.nq": '_:x <http://e.org/p> "1" <http://e.org/h> .\n_:y <http://e.org/p> "2" _:x .\n'
    "<http://e.org/s> <http://e.org/p> <x:y> .\n",
    "a.ttl": "@prefix : <http://e.org/> . :s :p [ :p [] ] , ( :a :b ) , true , 1e0 .",
    "a.trig": "@prefix : <http://e.org/> . { :s :p [ :p :o ] } :g { :s :p 1.0 }",
    "a.jsonld": '{"@id": "http://e.org/s", "http://e.org/p": [{"http://e.org/p": 1}, true]}',
}


def quads(path: Path, **given: str) -> list[Quad]:
    text = b"".join(iter_nquads(path, scope="f1", **given))  # type: ignore[arg-type]
    assert not text or text.endswith(b"\n")
    return [quad for quad in parse(text, RdfFormat.N_QUADS) if isinstance(quad, Quad)]


@pytest.mark.parametrize("size", [1, 30, 1 << 20])
@pytest.mark.parametrize("name", FILES)
def test_chunks_contain_the_quads_of_the_file(
    tmp_path: Path, name: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "CHUNK_SIZE", size)
    (tmp_path / name).write_text(FILES[name], "utf-8", newline="")
    whole = read(tmp_path / name, scope="f1")
    assert quads(tmp_path / name) == whole
    assert len(whole) >= 3
    moved = list(iter_nquads(tmp_path / name, scope="f1", graph=GRAPH))
    graphs = {quad.graph_name for quad in parse(b"".join(moved), RdfFormat.N_QUADS) if isinstance(quad, Quad)}
    assert graphs == {GRAPH if isinstance(each.graph_name, DefaultGraph) else each.graph_name for each in whole}


LINE = b'<http://e.org/s> <http://e.org/p> "1" .\n'
FAULTS = {
    "a wrong line": b"<http://e.org/s> oops .\n",
    "no UTF-8": b'<http://e.org/s> <http://e.org/p> "\xe9" .\n',
    "a mark in the middle": b"\xef\xbb\xbf" + LINE,
    "nested too deep": b"<http://e.org/s> <http://e.org/p> " + b"<<( " * 300,
    "cut short": b"<http://e.org/s> <http://e.org/p>",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_has_its_line_in_the_file(tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.nt"
    path.write_bytes(LINE * 20 + FAULTS[fault])
    with pytest.raises(Problem) as whole:
        read(path)
    assert whole.value.params["line"] == 21
    for size in (1, 100, 1 << 20):
        monkeypatch.setattr(reader, "CHUNK_SIZE", size)
        with pytest.raises(Problem) as raised:
            list(iter_nquads(path))
        assert raised.value.kind.code == whole.value.kind.code
        assert {**raised.value.params, "message": ""} == {**whole.value.params, "message": ""}, size


@pytest.mark.parametrize("size", [100, 1 << 20])
def test_an_endless_line_is_not_read_to_its_end(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK_SIZE", size)
    monkeypatch.setattr(reader, "MAX_LINE_BYTES", 1000)
    path = tmp_path / "a.nq"
    path.write_bytes(LINE * 20 + b"<http://e.org/s> " + b" " * 900 + LINE[17:])
    assert b"".join(iter_nquads(path)) == LINE * 21
    os.truncate(path, 1 << 40)
    with refused("source-too-large", "line 22"):
        list(iter_nquads(path))


def test_a_file_that_is_too_large_to_be_read_whole_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").touch()
    os.truncate(tmp_path / "a.ttl", 1 << 40)
    with refused("source-too-large", 512):
        list(iter_nquads(tmp_path / "a.ttl"))


def test_byte_order_mark_empty_and_missing_files(tmp_path: Path) -> None:
    (tmp_path / "a.nt").write_bytes(b"\xef\xbb\xbf" + LINE)
    (tmp_path / "b.nt").write_bytes(b"")
    assert b"".join(iter_nquads(tmp_path / "a.nt")) == LINE
    assert not b"".join(iter_nquads(tmp_path / "b.nt"))
    with refused("source-missing"):
        list(iter_nquads(tmp_path / "c.nt"))
