"""Decisions: keep, refuse, replace, update; the files stay canonical, and no decision is lost."""

import multiprocessing
import shutil
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import BASE, CPER, RDF, SCHEMA, SKOS
from cper_lod.linking.datagouv.client import Dataset
from cper_lod.linking.decisions.store import (
    KEPT_LINKS,
    REFUSED_LINKS,
    DecisionStore,
    LinkDecision,
    LinkTarget,
    Snapshot,
    parse_decisions,
    reason_texts,
)
from cper_lod.linking.decisions.verify import DatasetChange, check_links, exit_code
from cper_lod.linking.suggestions.subject import link_targets
from cper_lod.rdf.formatter import is_canonical
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from cper_lod.release.sources.questions import load_questions
from cper_lod.release.sources.read import published_data, read_sources
from tests.support.paths import ROOT
from tests.support.refusals import refused

CONTRACT, NORD = BASE + "id/contrat/hauts-de-france-2021-2027", BASE + "id/organisme/departement-nord"
SIREN = BASE + "ontology#siren"
NORD_BY_SIREN = LinkTarget(NORD, ("225900018",), (CONTRACT,))
JEU = Dataset("a" * 24, "un-jeu", 'Un « jeu » \\ "b"', organization="Insee", license="lov2", last_update="2026-10-01")
WHY = reason_texts("Parce que.", "")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with the links of the sources."""
    shutil.copytree(ROOT / "data" / "links", tmp_path / "data" / "links")
    return tmp_path


@pytest.fixture
def links(place: Path) -> DecisionStore:
    return DecisionStore(place)


def bytes_of(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((place / "data" / "links").iterdir())}


def test_the_links_of_the_sources_are_read() -> None:
    known = parse_decisions(read(ROOT / KEPT_LINKS))
    assert len({each.dataset for each in known}) == len(known) == 7
    assert all(each.kept and not each.day and each.snapshot is None for each in known)
    assert all({*each.label} == {*each.reason} == {"fr", "en"} for each in known)


def test_a_kept_link_records_decision_and_snapshot(links: DecisionStore, place: Path) -> None:
    new = links.keep(JEU, (NORD_BY_SIREN, NORD_BY_SIREN), SIREN, WHY, today="2026-11-25")
    assert new.iri == NORD + "/lien/un-jeu"
    found = next(each for each in links.all() if each.iri == new.iri)
    assert found == new
    assert found == LinkDecision(
        iri=new.iri,
        dataset="https://www.data.gouv.fr/datasets/" + "a" * 24,
        targets=(NORD,),
        key=SIREN,
        day="2026-11-25",
        label={"fr": JEU.title, "en": f"{JEU.title} (title in French)"},
        reason={"fr": "Parce que.", "en": "Reason given in French: “Parce que.”"},
        snapshot=Snapshot(
            "2026-11-25",
            {
                "title": JEU.title,
                "slug": "un-jeu",
                "organization": "Insee",
                "license": "lov2",
                "last_update": "2026-10-01",
            },
        ),
    )
    graph = Graph(read(place / KEPT_LINKS))
    assert graph.value(NamedNode(new.iri), SCHEMA + "value") == "225900018"
    for thing in (NORD, CONTRACT):
        assert NamedNode(JEU.iri) in graph.all(NamedNode(thing), CPER + "jeuLie"), "named by the thing and its contract"
    assert is_canonical(place / KEPT_LINKS)
    assert not (place / REFUSED_LINKS).exists()
    assert [path.name for path in (place / "data" / "links").iterdir()] == [KEPT_LINKS.name]


def test_a_contract_that_names_a_dataset_names_those_of_its_signatories(links: DecisionStore, place: Path) -> None:
    """Nothing asks a contract to name what nobody linked to it; once it names one, shapes/links.ttl asks for all."""
    second, state = BASE + "id/contrat/second", BASE + "id/organisme/etat"
    graph = Graph(
        [
            *read(ROOT / "data" / "bodies.ttl"),
            *read(place / KEPT_LINKS, scope="k"),
            Quad(NamedNode(second), NamedNode(RDF + "type"), NamedNode(CPER + "Contrat")),
            Quad(NamedNode(second), NamedNode(CPER + "signePar"), NamedNode(state)),
        ]
    )
    (known,) = graph.all(NamedNode(state), CPER + "jeuLie")
    for thing in (second, state):
        (target,) = link_targets(graph, [thing], "")
        assert target.named == ((second, known.value),)
    links.keep(JEU, link_targets(graph, [second], ""), "", WHY)
    assert {*Graph(read(place / KEPT_LINKS)).all(NamedNode(second), CPER + "jeuLie")} == {NamedNode(JEU.iri), known}


@pytest.mark.parametrize(("target", "key"), [(LinkTarget(CONTRACT), ""), (NORD_BY_SIREN, SIREN)], ids=["", "key"])
def test_keeping_and_refusing_replace_each_other(
    target: LinkTarget, key: str, links: DecisionStore, place: Path
) -> None:
    """The last link takes the description of its dataset with it."""
    before = bytes_of(place)
    links.keep(JEU, (target,), key, WHY)
    links.refuse(JEU, (target.iri,), reason_texts("", "Not so."))
    assert bytes_of(place)[KEPT_LINKS.name] == before[KEPT_LINKS.name]
    (refused,) = [each for each in links.all() if not each.kept]
    assert (refused.targets, refused.reason["fr"]) == ((target.iri,), "Motif donné en anglais : « Not so. »")
    assert is_canonical(place / REFUSED_LINKS)
    links.keep(JEU, (target,), key, WHY)
    assert set(bytes_of(place)) == {KEPT_LINKS.name}
    assert len(links.all()) == 8


def test_a_refusal_removes_one_target_of_a_link(links: DecisionStore, place: Path) -> None:
    sirene = next(each for each in links.all() if each.iri.endswith("/sirene"))
    links.refuse(Dataset(sirene.dataset[-24:], "base-sirene", "Base Sirene"), (NORD,), WHY)
    again = next(each for each in links.all() if each.dataset == sirene.dataset and each.kept)
    assert set(again.targets) == set(sirene.targets) - {NORD}
    assert (again.key, again.label) == (sirene.key, sirene.label)
    graph = Graph(read(place / KEPT_LINKS))
    assert NamedNode(sirene.dataset) not in graph.all(NamedNode(NORD), CPER + "jeuLie")
    assert NamedNode(sirene.dataset) in graph.all(NamedNode(CONTRACT), CPER + "jeuLie"), "others are still linked"


def test_a_refusal_of_several_things_loses_one_of_them(links: DecisionStore) -> None:
    links.refuse(JEU, (CONTRACT, NORD), WHY)
    links.keep(JEU, (NORD_BY_SIREN,), SIREN, WHY)
    (refused,) = [each for each in links.all() if not each.kept]
    assert refused.targets == (CONTRACT,)


def test_iris_of_links_are_unique(links: DecisionStore) -> None:
    names = [links.keep(JEU, (each,), "", WHY).iri for each in (LinkTarget(CONTRACT), LinkTarget(NORD))]
    names.append(links.keep(Dataset("b" * 24, "un-jeu", "Un jeu"), (LinkTarget(NORD),), "", WHY).iri)
    names.append(links.keep(Dataset("c" * 24, "", "… ?"), (LinkTarget(NORD),), "", WHY).iri)
    slugs = (f"{CONTRACT}/lien/un-jeu", f"{NORD}/lien/un-jeu", f"{NORD}/lien/un-jeu-2", f"{NORD}/lien/jeu")
    assert tuple(names) == slugs


@pytest.mark.parametrize("why", [("", ""), (" \n\x07", ""), ("x" * 2001, "y")])
def test_a_decision_has_a_reason(why: tuple[str, str]) -> None:
    with refused("link-reason"):
        reason_texts(*why)


def test_a_decision_cannot_be_repeated(links: DecisionStore, place: Path) -> None:
    links.keep(JEU, (LinkTarget(CONTRACT),), "", WHY)
    before = bytes_of(place)
    with refused("link-known") as raised:
        links.keep(JEU, (LinkTarget(CONTRACT), LinkTarget(NORD)), "", WHY)
    assert "Parce que." in str(raised.value.words("fr"))
    assert bytes_of(place) == before


def test_comments_are_not_lost(links: DecisionStore, place: Path) -> None:
    links.refuse(JEU, (CONTRACT,), WHY)
    for name in (KEPT_LINKS, REFUSED_LINKS):
        text = (place / name).read_text("utf-8")
        (place / name).write_text("# À revoir.\n" + text, "utf-8")
        before = bytes_of(place)
        with refused("source-comments"):
            links.keep(JEU, (LinkTarget(CONTRACT),), "", WHY)
        assert bytes_of(place) == before
        (place / name).write_text(text, "utf-8")


def test_a_file_that_cannot_be_read_or_written(links: DecisionStore, place: Path) -> None:
    (place / KEPT_LINKS).write_text("oops", "utf-8")
    with refused("source-syntax"):
        links.keep(JEU, (LinkTarget(NORD),), "", WHY)
    assert (place / KEPT_LINKS).read_text("utf-8") == "oops"
    (place / "else" / "data").mkdir(parents=True)
    (place / "else" / "data" / "links").write_text("")
    with refused("permission"):
        DecisionStore(place / "else").keep(JEU, (LinkTarget(NORD),), "", WHY)
    with refused("source-missing"):
        DecisionStore(place / "nowhere")


def test_the_sources_of_the_package_are_not_changed(tmp_path: Path) -> None:
    packed = tmp_path / "cper_lod" / "_sources"
    (packed / "data" / "links").mkdir(parents=True)
    with pytest.raises(Problem, match="--sources"):
        DecisionStore(packed).keep(JEU, (LinkTarget(NORD),), "", WHY)
    assert list((packed / "data" / "links").iterdir()) == []


COG = "https://www.data.gouv.fr/datasets/58c984b088ee386cdb1261f3"


def test_other_quads_are_preserved(links: DecisionStore, place: Path) -> None:
    text = (place / KEPT_LINKS).read_text("utf-8")
    more = f'\n<urn:x> <urn:p> 1 .\n<{COG}> skos:historyNote "Vu."@fr .\n'
    (place / KEPT_LINKS).write_text(text + more, "utf-8")
    links.keep(JEU, (LinkTarget(NORD),), "", WHY)
    (changed,) = links.update_snapshots({COG: Snapshot("2026-11-25", {"title": "COG"})})
    assert changed.snapshot == Snapshot("2026-11-25", {"title": "COG"})
    after = (place / KEPT_LINKS).read_text("utf-8")
    assert "<urn:x> <urn:p> 1 ." in after
    assert "Vu." in after
    graph = Graph(read(place / KEPT_LINKS))
    assert graph.value(NamedNode(COG), SCHEMA + "sdDatePublished") == "2026-11-25"
    assert not graph.all(NamedNode(COG), SKOS + "editorialNote"), "it is read now"
    assert links.update_snapshots({COG: Snapshot("2026-11-25", {"title": "COG"})}) == []


def test_a_snapshot_without_a_day_is_none(links: DecisionStore, place: Path) -> None:
    text = (place / KEPT_LINKS).read_text("utf-8")
    (place / KEPT_LINKS).write_text(text + f'\n<{COG}> schema:sdDatePublished "hier" .\n', "utf-8")
    assert all(each.snapshot is None for each in links.all())
    links.keep(JEU, (LinkTarget(NORD),), "", WHY)
    assert '"hier"' in (place / KEPT_LINKS).read_text("utf-8")


def decide(place: Path, number: int) -> None:
    DecisionStore(place).keep(Dataset(f"{number:024x}", f"jeu-{number}", f"Jeu {number}"), (LinkTarget(NORD),), "", WHY)


@pytest.mark.slow
def test_concurrent_decisions_are_all_stored(place: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=decide, args=(place, number)) for number in range(8)]
    for each in processes:
        each.start()
    for each in processes:
        each.join(30)
    assert [each.exitcode for each in processes] == [0] * 8
    assert len(DecisionStore(place).all()) == 15
    assert is_canonical(place / KEPT_LINKS)


def test_refusals_are_checked_and_not_published(copied_sources: Path) -> None:
    links = DecisionStore(copied_sources)
    kept = links.keep(JEU, (NORD_BY_SIREN,), SIREN, WHY)
    refused = links.refuse(JEU, (CONTRACT,), WHY)
    sources = read_sources(copied_sources)
    published = {quad.subject for quad in sources.published}
    assert NamedNode(kept.iri) in published
    assert NamedNode(kept.dataset) in published
    assert NamedNode(refused.iri) not in published
    waiting = {
        NamedNode(each.iri) for each in load_questions(copied_sources / "ontology" / "questions") if each.requires
    }
    assert {quad.subject for quad in sources.unpublished} - waiting == {NamedNode(refused.iri)}
    assert copied_sources / REFUSED_LINKS in sources.files
    assert set(published_data(copied_sources)) < set(sources.published)


class Site:
    """A site with one dataset, or with a problem."""

    def __init__(self, found: Dataset | Problem) -> None:
        self.found, self.asked = found, 0

    def dataset(self, _: str) -> Dataset:
        self.asked += 1
        if isinstance(self.found, Problem):
            raise self.found
        return self.found


LINK = LinkDecision("urn:l", JEU.iri, (NORD,), {}, {}, snapshot=Snapshot("2026-11-01", JEU.snapshot))


def changed(**facts: str) -> Dataset:
    return Dataset(**{**vars(JEU), **facts})


@pytest.mark.parametrize(
    ("found", "changes", "code"),
    [
        (JEU, [], 0),
        (
            changed(last_update="2026-11-02"),
            [DatasetChange("link-updated", "2026-10-01", "2026-11-02", needs_review=False)],
            0,
        ),
        (changed(title="Autre"), [DatasetChange("link-renamed", JEU.title, "Autre")], 1),
        (changed(slug="autre"), [DatasetChange("link-moved", "un-jeu", "autre")], 1),
        (changed(id="b" * 24), [DatasetChange("link-moved", JEU.iri, JEU.iri[:-24] + "b" * 24)], 1),
        (changed(license=""), [DatasetChange("link-relicensed", "lov2", "–")], 1),
        (changed(organization="IGN"), [DatasetChange("link-republished", "Insee", "IGN")], 1),
        (changed(archived="2026-11-03"), [DatasetChange("link-archived", after="2026-11-03")], 1),
        (changed(deleted="2026-11-03"), [DatasetChange("link-deleted", after="2026-11-03")], 1),
        (Problem("catalogue-missing", url="u", status=410), [DatasetChange("link-gone", after="410")], 1),
        (Problem("catalogue-unreachable", url="u", message="m"), [], 2),
        (Problem("catalogue-answer", url="u", message="m"), [], 2),
    ],
)
def test_each_change_is_reported(found: Dataset | Problem, changes: list[DatasetChange], code: int) -> None:
    site = Site(found)
    one, two = check_links(site, [LINK, LINK], today="2026-11-25")  # type: ignore[arg-type]
    assert list(one.changes) == changes
    assert one == two
    assert site.asked == 1
    assert exit_code([one, two]) == code
    assert (one.problem is None) is (code != 2)
    assert (one.snapshot is None) is isinstance(found, Problem)


def test_a_link_without_snapshot_is_reported(links: DecisionStore) -> None:
    old = links.all()[0]
    (found,) = check_links(Site(changed(id=old.dataset[-24:])), [old], today="2026-11-25")  # type: ignore[arg-type]
    assert found.changes == (DatasetChange("link-never-read", after=JEU.title, needs_review=False),)
    assert found.snapshot == Snapshot("2026-11-25", JEU.snapshot)
    assert [each.iri for each in links.update_snapshots({old.dataset: found.snapshot})] == [old.iri]
    assert links.update_snapshots({old.dataset: found.snapshot}) == []
    assert links.all()[0].snapshot == found.snapshot
