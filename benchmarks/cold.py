"""What the first request of a page costs, in a small release and in one of 10 000 000 triples."""

import json
import math
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from benchmarks import cold_pages
from benchmarks.cold_pages import Costs, Pages, in_process, own_pages, through_server
from benchmarks.harness import ROOT, alternate, flags, median, publish, ratio, verdict
from benchmarks.processes import MIB, memory_bytes, peak_bytes
from benchmarks.servers import OURS, Material, running
from benchmarks.synthetic_release import THINGS, grow
from cper_lod.release.build.build import ensure_release
from cper_lod.release.release import INDEX, Release

SMALL: Final = 20_000
"""Triples of the small release: what the project publishes, its catalogue and counts, and some thousand made up."""
TARGETS: Final = {
    "contract": 12.0,
    "home": 12.0,
    "long list": 10.0,
    "short list": 10.0,
    "list of classes": 10.0,
    "search": 10.0,
}
"""Milliseconds of processor time that the first request of a page may cost, by kind; of any other kind `TARGET`."""
TARGET: Final = 2.5
ROUNDS: Final = 5
"""How often either checkout is measured, in turn."""
TITLE: Final = "A page that nobody has asked for yet"
MADE: Final = ("subsidy", "beneficiary", "programme", "territory")
"""Kinds of made-up things. A subsidy is mentioned nowhere; the others by a good many, which grow with the release."""


def pages(release: Release, most: int) -> Pages:
    """Return the paths of pages by kind, at most `most` of each: of the project, then made up, by chance.

    Raises LookupError for a kind of which the release has nothing.
    """
    found = own_pages(release, most)
    for kind in MADE:
        listed = release.listing.of(f"{THINGS}def/{kind.capitalize()}")
        numbers = range(listed.count if listed else 0)
        chosen = random.Random(2027).sample(numbers, min(most, len(numbers)))
        found[kind] = tuple(f"/doc/{kind}/{number}.html" for number in chosen)
    if empty := [kind for kind, paths in found.items() if not paths]:
        raise LookupError(f"none in the release: {', '.join(empty)}")
    return found


@contextmanager
def sizes(triples: Sequence[int]) -> Iterator[dict[int, tuple[Material, Release]]]:
    """Yield a grown release of each size, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="cper-lod-benchmark-") as name:
        folder = Path(name)
        base, _ = ensure_release(folder / "base", ROOT)
        made = {}
        for number in triples:
            releases = folder / f"{number}"
            release = grow(base, releases / "grown", number)
            index, graphs = release.folder / INDEX, frozenset(release.graphs)
            made[number] = Material(folder, releases, index, Path(os.devnull), graphs, None), release
        yield made


def both(data: Material, release: Release, most: int) -> tuple[Costs, Costs, Sequence[object]]:
    """Return what pages cost in one process and through HTTP, and the memory that this took."""
    wanted = pages(release, most)
    # A process of its own, as fresh as that of a server; spawned, so that it holds nothing of this one.
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        inside = pool.submit(in_process, release.folder, wanted).result()
    cores = sorted(os.sched_getaffinity(0))
    with running(OURS, data, core=cores[0] if len(cores) > 1 else None) as server:
        outside = through_server(server, wanted)
        told = memory_bytes(server.pid), memory_bytes(server.pid, "Anonymous"), peak_bytes(server.pid)
    return inside, outside, (*(each / MIB for each in told), inside.first, outside.first)


def rows(found: Mapping[int, tuple[Costs, Costs]]) -> list[Sequence[object]]:
    """Return the figures of each kind and size, held against the target and against those of the first size."""
    made: list[Sequence[object]] = []
    base = next(iter(found.values()))[1].coded
    for kind in base:
        for triples, (inside, outside) in found.items():
            alone, plain, coded = inside.plain[kind], outside.plain[kind], outside.coded[kind]
            growth = ratio(coded, base[kind])
            count = len(plain) + len(coded)
            figures = (median(alone), max(alone), median(plain), median(coded), max(coded), growth)
            made.append(
                (
                    kind,
                    f"{triples:,}".replace(",", " "),
                    count,
                    *figures,
                    verdict(median(coded), TARGETS.get(kind, TARGET)),
                )
            )
    return made


def alone(checkout: Path, releases: Path) -> dict[str, list[float]]:
    """Return what pages of its own release cost a checkout; raises CalledProcessError."""
    words = [sys.executable, str(Path(cold_pages.__file__)), str(checkout), str(releases)]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    done = subprocess.run(words, cwd=checkout, env=environment, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))


def beside(base: Path, rounds: int) -> list[Sequence[object]]:
    """Return what pages of the project cost another checkout and this one, in turn, each with its own release.

    Of each page the cheapest request counts: what else the machine does only adds.
    """
    with tempfile.TemporaryDirectory(prefix="cper-lod-benchmark-") as name:
        works = {each: partial(alone, root, Path(name) / each) for each, root in (("base", base), ("this", ROOT))}
        found = alternate(rounds, works)
    made: list[Sequence[object]] = []
    for kind in found["this"][0]:
        pages = {name: zip(*(run.get(kind, ()) for run in runs), strict=True) for name, runs in found.items()}
        before, now = ([min(ms) for ms in pages[name]] for name in ("base", "this"))
        figures = (median(before), max(before, default=math.nan), median(now), max(now), ratio(now, before))
        made.append((kind, len(now), *figures, verdict(median(now), TARGETS.get(kind, TARGET))))
    return made


def main() -> None:
    """Measure the pages of both sizes, or those of the project beside another checkout."""
    parser = flags("cold", __doc__)
    parser.add_argument("--triples", type=int, help="of the large release (10 000 000; quick: 100 000)")
    parser.add_argument(
        "--base", type=Path, help="a checkout beside which the project's own pages are measured, in turn"
    )
    options = parser.parse_args()
    if options.base:
        heads = ("page of a", "pages", "base ms", "max", "ms", "max", "× base", "target")
        measured = beside(options.base.resolve(), 2 if options.quick else ROUNDS)
        publish(options.json, TITLE, {"CPU of the first request of each page, Flask alone, medians": (heads, measured)})
        return
    most, large = (20, 100_000) if options.quick else (200, 10_000_000)
    costs, memory = {}, []
    with sizes((SMALL, options.triples or large)) as made:
        for triples, (data, release) in made.items():
            inside, outside, told = both(data, release, most)
            costs[triples] = inside, outside
            memory.append((f"{triples:,}".replace(",", " "), *told))
    head = ("page of a", "triples", "pages", "Flask ms", "max", "HTTP ms", "compressed ms", "max", "× 20 000", "target")
    name = (
        "triples",
        "memory MiB",
        "of no file",
        "peak of one process",
        "first page of all, Flask ms",
        "HTTP ms",
    )
    publish(
        options.json,
        TITLE,
        {
            "CPU of the first request of each page, medians": (head, rows(costs)),
            "Memory of `cper-lod serve` after that; the page that finds no template compiled": (name, memory),
        },
    )


if __name__ == "__main__":
    main()
