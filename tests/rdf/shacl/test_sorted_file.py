"""A sorted file with an index gives the same triples as memory."""

import itertools
from pathlib import Path

import pytest

from cper_lod.rdf.shacl.prefilter.triples import MemoryTriples, read_line, term_of, text_of, token_of
from cper_lod.rdf.shacl.sorted_file import SortedTriples, merge_files
from tests.support.shacl_reports import lines

DATA = lines("""
ex:a ex:p ex:b , "x y \\"z\\" <q>" , "x" , "x"@fr ; ex:q ex:b . ex:b ex:p ex:a , _:c ; ex:pp 1 . _:c ex:p "x" .
ex:aa ex:p "x" ; ex:q "été\\n" .
""")
P, Q, PP = (f"<https://example.org/{each}>" for each in ("p", "q", "pp"))


def opened(tmp_path: Path, held: int) -> SortedTriples:
    path = tmp_path / "data.nq"
    path.write_bytes(b"".join(sorted(f"{each}\n".encode() for each in DATA[held:])))
    return SortedTriples(path, MemoryTriples(DATA[:held]))


@pytest.mark.parametrize("held", [0, 3, len(DATA)])
@pytest.mark.parametrize("known", [set(), {(P, None)}, {(P, '"x"'), (Q, None)}, {(P, None), (Q, None), (PP, None)}])
def test_sorted_file_equals_memory(tmp_path: Path, held: int, known: set[tuple[str, str | None]]):
    memory, file = MemoryTriples(DATA), opened(tmp_path, held)
    runs = [file.write_run(part, known, tmp_path / f"r{at}") for at, part in enumerate(file.parts(3))]
    merge_files(runs, tmp_path / "index")
    file.use_index(tmp_path / "index", known)
    assert {subject: {p: set(o) for p, o in said.items()} for subject, said in file.all()} == {
        subject: {p: set(o) for p, o in said.items()} for subject, said in memory.all()
    }
    for predicate in (P, Q, PP, "<urn:none>"):
        assert sorted(file.pairs(predicate)) == sorted(memory.pairs(predicate))
        assert sorted(file.objects(predicate)) == sorted(memory.objects(predicate))
        for _, value in memory.pairs(predicate):
            assert sorted(file.subjects(predicate, value)) == sorted(memory.subjects(predicate, value))
    assert file.of("<https://example.org/none>") == {}


def test_parts_cover_the_file_and_split_no_subject(tmp_path: Path):
    file = opened(tmp_path, 0)
    for number in range(1, 9):
        parts = file.parts(number)
        assert parts[0][0] == 0
        assert all(before[1] == after[0] for before, after in itertools.pairwise(parts))
        subjects = [subject for part in parts for subject, _ in file.in_part(*part)]
        assert len(subjects) == len(set(subjects)) == 4


def test_a_term_is_the_same_as_token_and_as_term():
    for line in DATA:
        for token in read_line(line) or ():
            assert token_of(term_of(token)) == token
    assert text_of('"a\\u00e9\\t\\\\"') == "aé\t\\"
    assert read_line('<urn:s> <urn:p> "x"^^<http://www.w3.org/2001/XMLSchema#string> <urn:g> .')[2] == '"x"'
    assert read_line('<urn:s> <urn:p> "x"@ar--rtl .')[2] == '"x"@ar'
    assert read_line("<urn:s> <urn:p> <<( <urn:a> <urn:b> <urn:c> )>> .") is None
