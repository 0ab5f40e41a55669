"""The event stream: a client that follows it and replays what it finds has the release that is served."""

import random
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from cper_lod.core.formats import N_QUADS, TRIG
from cper_lod.core.namespaces import AS, DCT, LDES, RDF, TREE
from cper_lod.rdf.serialize import write
from cper_lod.rdf.shacl.api import validate
from cper_lod.release.changes import changelog
from cper_lod.release.history import timeline as chronicles
from cper_lod.release.history.history import History
from cper_lod.release.history.ldes import STREAM, archive_page, publication_page, root_page
from cper_lod.release.history.timeline import Timeline, format_time
from cper_lod.release.release import Release
from tests.support.ldes_client import LdesClient, replayed, state
from tests.support.trig_release import history_of, release_of_lines, release_of_trig

HELD = 8
URL = "http://h.example/p"


def timeline_of(history: History, until: int = -1) -> Timeline:
    """Return the publications as the server of one of them sees them, by default the last."""
    return Timeline(history, history.entries()[until].release)


def served(log: Timeline) -> Callable[[str], list[Quad]]:
    """Return what a server answers for the address of a page."""

    def get(address: str) -> list[Quad]:
        path = address.removeprefix(URL + "/changes").strip("/").split("/")
        match path:
            case [""]:
                return root_page(log, URL)
            case ["archive", number]:
                return archive_page(log, int(number), URL)
            case [number, *more]:
                entry = log.publication(int(number))
                assert entry
                return publication_page(log, entry, int(more[0]) if more else 1, URL)
        raise AssertionError(address)

    return get


def random_releases(folder: Path, count: int, things: int) -> list[Release]:
    """Return releases that each differ from the one before: things come, go, come back and change."""
    chance, lines = random.Random(1), set[bytes]()  # noqa: S311 - the same ones each time
    every = [
        f'<http://e.org/{n}> <http://e.org/p{p}> "{v}"@fr .'.encode() for n in range(things) for p in "a" for v in "xy"
    ]
    releases: list[Release] = []
    while len(releases) < count:
        lines = lines ^ set(chance.sample(every, chance.randint(1, 6)))
        graph = f'<http://e.org/0> <http://e.org/n> "{len(releases)}" <http://e.org/g> .'.encode()
        releases.append(release_of_lines(folder, lines | {graph}))
    return releases


def test_replaying_the_members_gives_the_release_that_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chronicles, "ARCHIVE_SIZE", HELD)
    releases = random_releases(tmp_path, 2 * HELD + 7, 12)
    log = timeline_of(history := history_of(tmp_path, releases))
    client = LdesClient(served(log))
    client.follow(f"{URL}/changes")
    assert replayed(releases[0], client.members) == state(releases[-1])
    assert len({(when, thing) for when, thing, *_ in client.members}) == len(client.members), "each once"
    assert {f"{URL}/changes/archive/{n}" for n in (1, 2)} <= set(client.seen)
    assert {kind for _, _, kind, _ in client.members} == {"Create", "Update", "Delete"}
    assert len(root_page(log, URL)) < 50 + 12 * HELD, "the first page stays small"
    for until in (1, 2, HELD, HELD + 1, 2 * HELD):  # the same at each moment before
        earlier = LdesClient(served(timeline_of(history, until - 1)))
        earlier.follow(f"{URL}/changes")
        assert replayed(releases[0], earlier.members) == state(releases[until - 1])


def test_pages_are_bounded_and_never_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changelog, "PAGE", 3)
    many = " ".join(f":t{n} :p {n} ." for n in range(10))
    releases = [
        release_of_trig(tmp_path, ":a :p 1 ."),
        release_of_trig(tmp_path, f":a :p 2 . {many}"),
        release_of_trig(tmp_path, ":a :p 1 ."),
    ]
    history = history_of(tmp_path, releases, back=2)
    early, late = (timeline_of(history, until - 1) for until in (2, 3))
    assert [late.page_count(each) for each in late.entries] == [0, 4, 4]
    second = late.entries[1]
    for number in (1, 2, 3, 4):
        told = publication_page(late, second, number, URL)
        assert sum(quad.predicate.value == TREE + "member" for quad in told) == (2 if number == 4 else 3)
        assert write(told, TRIG) == write(publication_page(early, second, number, URL), TRIG)
        assert any(quad.predicate.value == LDES + "immutable" for quad in told)
        assert set(parse(write(told, TRIG), RdfFormat.TRIG)) == set(parse(write(told, N_QUADS), RdfFormat.N_QUADS))
    client = LdesClient(served(late))
    client.follow(f"{URL}/changes")
    assert replayed(releases[0], client.members) == state(releases[2]) == state(releases[0])
    assert not any(quad.predicate.value == LDES + "immutable" for quad in root_page(late, URL))


def test_a_page_ends_with_its_bytes(tmp_path: Path) -> None:
    long = " ".join(f':t{n} :p "{"x" * 100_000}" .' for n in range(12))
    releases = [release_of_trig(tmp_path, ":a :p 1 ."), release_of_trig(tmp_path, long)]
    history = history_of(tmp_path, releases)
    told = timeline_of(history).changes_of(history.entries()[1])
    assert told
    sizes = [len(b"".join(told.members(number))) for number in range(1, told.pages + 1)]
    assert len(sizes) > 3
    assert max(sizes) < 600_000


def test_the_root_says_what_the_stream_is(tmp_path: Path) -> None:
    history = history_of(tmp_path, [release_of_trig(tmp_path, f":a :p {n} .") for n in range(3)])
    entries = history.entries()
    quads = root_page(timeline_of(history), URL)
    said = {(quad.subject.value, quad.predicate.value): quad.object for quad in quads}  # type: ignore[union-attr]
    assert said[STREAM, RDF + "type"] == NamedNode(LDES + "EventStream")
    assert said[STREAM, TREE + "view"] == NamedNode(f"{URL}/changes")
    assert said[STREAM, LDES + "timestampPath"] == NamedNode(DCT + "created")
    assert said[STREAM, LDES + "versionOfPath"] == NamedNode(DCT + "isVersionOf")
    assert said[STREAM, LDES + "versionDeleteObject"] == NamedNode(AS + "Delete")
    assert said[STREAM + "#retention", LDES + "startingFrom"].value == format_time(entries[0].at)  # type: ignore[union-attr]
    (history.folder(entries[1]) / changelog.SUMMARY).unlink()
    broken = timeline_of(history)
    assert broken.start == entries[1], "from there on everything is known"
    assert broken.changes_of(entries[1]) is None


def test_members_have_the_shape_that_the_stream_promises(tmp_path: Path) -> None:
    history = history_of(tmp_path, [release_of_trig(tmp_path, f":a :p {n} ; <{DCT}created> 1, 2 .") for n in range(2)])
    log = timeline_of(history)
    shape = [quad for quad in root_page(log, URL) if "#" in str(quad.subject) and URL not in str(quad.subject)]
    members = [quad for quad in publication_page(log, log.entries[1], 1, URL) if str(quad.graph_name) == "DEFAULT"]
    target = Quad(
        NamedNode(STREAM + "#version"), NamedNode("http://www.w3.org/ns/shacl#targetClass"), NamedNode(AS + "Update")
    )
    assert validate(members, [*shape, target]).conforms
    assert not validate(
        [each for each in members if each.predicate.value != DCT + "created"], [*shape, target]
    ).conforms


def test_triples_of_a_resource_are_not_about_its_version(tmp_path: Path) -> None:
    history = history_of(
        tmp_path, [release_of_trig(tmp_path, f':a <{DCT}created> "{n}" ; a <{AS}Delete> .') for n in range(2)]
    )
    log = timeline_of(history)
    quads = publication_page(log, log.entries[1], 1, URL)
    (member,) = (quad.object for quad in quads if quad.predicate.value == TREE + "member")
    assert [
        quad.object.value for quad in quads if quad.subject == member and quad.predicate.value == DCT + "created"
    ] == [  # type: ignore[union-attr]
        format_time(log.entries[1].at)
    ]
    assert urldefrag(member.value).url == f"{STREAM}/2"  # type: ignore[union-attr]
    assert [
        str(each.object) for each in quads if each.graph_name == member and each.predicate.value == DCT + "created"
    ] == ['"1"']
