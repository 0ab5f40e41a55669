"""The requests of the serving benchmark: pages, lists, searches and the competency questions, by kind."""

import random
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path
from typing import Final
from urllib.parse import quote

from benchmarks.client import asking, get
from benchmarks.cold_pages import BROWSER
from benchmarks.synthetic_release import THINGS
from cper_lod.core.namespaces import CPER, PREFIXES
from cper_lod.release.release import Release

QUESTIONS: Final = Path(__file__).parent.parent / "ontology" / "questions"
OWN: Final = f"{THINGS}contrat/hauts-de-france-2021-2027"
FEW: Final = range(5, 11)
"""Of how many lines a thing is mentioned that is compared: as many at both sizes."""
HEAVY: Final = (
    "PREFIX cper: <{cper}> PREFIX dct: <http://purl.org/dc/terms/> "
    "SELECT ?year (COUNT(*) AS ?n) (SUM(?amount) AS ?sum) WHERE {{ ?s cper:contrat <{contract}> ; dct:date ?date ; "
    "cper:montantAttribue ?amount }} GROUP BY (YEAR(?date) AS ?year) ORDER BY ?year # {number}"
)
_numbers = count(1)


def things(release: Release, cls: str, most: int, chance: random.Random) -> list[str]:
    """Return some things of a class, drawn by lot, that lie under our names."""
    every = [iri for iri in release.listing.things(cls) if iri.startswith(THINGS)]
    return chance.sample(every, min(most, len(every)))


def pages(release: Release, most: int, seed: int = 2027) -> dict[str, list[str]]:
    """Return the paths of pages by kind, each once: of the real contract, of subsidies, of bodies that a few name."""
    chance = random.Random(seed)
    own = [
        iri
        for cls in ("Axe", "Signataire", "Enonce", "Part", "Priorite")
        for iri in release.listing.things(CPER + cls)
        if iri.startswith(OWN)
    ]
    named = [
        iri
        for iri in things(release, PREFIXES["rov"] + "RegisteredOrganization", 20 * most, chance)
        if release.triples.count_mentions(iri).number in FEW
    ]
    return {
        "page: of the real contract": chance.sample(own, min(most, len(own))),
        "page: subsidy": things(release, CPER + "Subvention", most, chance),
        "page: body with few subsidies": named[:most],
        "page: axis of a synthetic contract": [
            iri for iri in things(release, CPER + "Axe", 3 * most, chance) if not iri.startswith(OWN)
        ][:most],
    }


def _page(iri: str) -> bytes:
    return get(f"/doc/{iri.removeprefix(THINGS)}.html", BROWSER)


def lists(release: Release, most: int, seed: int = 2027) -> list[bytes]:
    """Return requests of pages of lists, each beginning at another thing."""
    starts = things(release, CPER + "Subvention", most, random.Random(seed))
    return [get(f"/doc/subvention?after={quote(iri, safe='')}", BROWSER) for iri in starts]


SEARCHES: Final = {
    "search: one thing": ("Amiens métropole", "sraddet hauts", "communiqué hauts", "avenant mobilités 2023"),
    "search: a word of all subsidies": ("fictif", "exemple", "tranche", "fictif exemple"),
    "search: beginning of a word": ("fict", "subv", "comm", "associ"),
}
"""What is looked for."""


def question(name: str) -> Iterator[bytes]:
    """Yield the request of a question without end, each text new: a comment at its end has a number."""
    text = (QUESTIONS / f"{name}.rq").read_text("utf-8")
    while True:
        yield asking("/sparql", f"{text}# {next(_numbers)}")


def heavy(contract: str) -> bytes:
    """Return a query over all subsidies of a contract."""
    text = HEAVY.format(cper=CPER, contract=contract, number=next(_numbers))
    return asking("/sparql", text)


def kinds(release: Release, most: int) -> dict[str, Iterator[bytes]]:
    """Return the requests of each kind; pages and lists that nobody has asked for yet end, the others do not."""
    found: dict[str, Iterator[bytes]] = {kind: map(_page, iris) for kind, iris in pages(release, most).items()}
    found["list: subsidies"] = iter(lists(release, most))
    for kind, texts in SEARCHES.items():
        found[kind] = _searches(texts)
    for path in sorted(QUESTIONS.glob("*.rq")):
        found[f"question: {path.stem}"] = question(path.stem)
    return found


def _searches(texts: tuple[str, ...]) -> Iterator[bytes]:
    """Yield searches without end, none twice as it stands: what is kept of an answer is kept by its address."""
    for text in cycle(texts):
        yield get(f"/search?q={quote(text)}&n={next(_numbers)}", BROWSER)


def traffic(release: Release, requests: int, seed: int = 2027) -> list[tuple[str, bytes]]:
    """Return so many requests as real traffic has them, in a mixed order, each with its kind.

    Few pages are asked for often (Zipf), most clients that come back have the page already.
    """
    chance = random.Random(seed)
    known = [iri for iris in pages(release, 100, seed).values() for iri in iris]
    fresh = iter([iri for iri in things(release, CPER + "Subvention", requests, chance) if iri not in known])
    begins = cycle(lists(release, 200, seed + 1))
    asked = cycle([path.stem for path in sorted(QUESTIONS.glob("*.rq"))])
    texts = cycle([text for each in SEARCHES.values() for text in each])
    contracts = cycle(things(release, CPER + "ContratDePlan", 10, chance))
    weights = {
        "page, known": 34,
        "page, again (304)": 34,
        "page, cold": 10,
        "list": 5,
        "search": 5,
        "question": 10,
        "heavy query": 2,
    }
    found = []
    for kind in chance.choices([*weights], [*weights.values()], k=requests):
        if kind == "page, cold":
            request = _page(next(fresh))
        elif kind == "list":
            request = next(begins)
        elif kind == "search":
            request = get(f"/search?q={quote(next(texts))}", BROWSER)
        elif kind == "question":
            request = next(question(next(asked)))
        elif kind == "heavy query":
            request = heavy(next(contracts))
        else:
            request = _page(known[min(int(chance.paretovariate(0.7)) - 1, len(known) - 1)])
        found.append((kind, request))
    return found
