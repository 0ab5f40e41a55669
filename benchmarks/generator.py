"""Generates sources of any size from a seed: the real ones, and synthetic contracts and subsidies beside them.

What is synthetic says so: « fictif » stands in each name of a file, a contract, a body, and in each purpose. The
ontology has no class of operations: a subsidy is the finest grain that it has, so it is what there are many of here.
"""

import argparse
import json
import math
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, parse

from benchmarks.harness import ROOT
from benchmarks.synthetic_contracts import SyntheticContract, make
from benchmarks.synthetic_faults import PlantedFault, plant, plant_in_contract
from benchmarks.synthetic_names import SIZES
from benchmarks.synthetic_subsidies import SUBSIDY_YEARS, SubsidyFiles, write
from cper_lod.core.names import PROGRAM

CONTRACTS: Final = 72
"""The most contracts: eighteen regions, four each."""
PER_CONTRACT: Final = 1_100
"""About how many triples a contract has without its subsidies."""
PER_SUBSIDY: Final = 29
"""About how many triples a subsidy has, its period and its share of bodies with it."""
PER_FILE: Final = 50
"""About how many triples tell of a file of subsidies and of what attaches its rows."""
PLANTED: Final = "fautes.json"
"""The file, beside ontology/, shapes/ and data/, that tells each planted fault."""


@dataclass
class Generated:
    """What was written: how many contracts, subsidies and triples (each once), and the faults planted."""

    contracts: int = 0
    subsidies: int = 0
    triples: int = 0
    faults: list[PlantedFault] = field(default_factory=list)


def generate(folder: Path, triples: int, seed: int = 1, faults: float = 0) -> Generated:
    """Write a folder of sources with about so many synthetic triples, and return what it holds.

    The same bytes come of the same arguments. `faults` is the share of subsidies, and of contracts, that have a fault;
    `fautes.json` tells them. Raises FileExistsError where the folder holds something.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(folder)
    for name in ("ontology", "shapes", "data"):
        shutil.copytree(ROOT / name, folder / name)
    done = Generated()
    made = [make(number) for number in range(max(1, min(CONTRACTS, round(triples / 4 / PER_CONTRACT))))]
    for number, contract in enumerate(made):
        for path, text in contract.files.items():
            written = text
            if path.startswith("data/contracts") and faults and number % round(1 / faults) == 0:
                written, fault = plant_in_contract(text, path)
                done.faults.append(fault)
            (folder / path).write_text(written, "utf-8")
            if path.startswith("data/"):  # shapes are no data: they are not counted
                done.triples += sum(1 for _ in parse(written, format=RdfFormat.TURTLE, base_iri=PROGRAM.address))
        done.contracts += 1
    _write_subsidies(folder, made, triples, seed, faults, done)
    planted = {"seed": seed, "triples": triples, "share": faults, "planted": [asdict(each) for each in done.faults]}
    (folder / PLANTED).write_text(json.dumps(planted, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return done


def _write_subsidies(
    folder: Path, made: list[SyntheticContract], triples: int, seed: int, faults: float, done: Generated
) -> None:
    """Write the subsidies of each contract and year; a body that several files describe counts once."""
    files = len(made) * len(SUBSIDY_YEARS)
    wanted = max(len(made), round((triples - done.triples - files * PER_FILE) / PER_SUBSIDY))
    bodies = max(20, round(wanted**0.75))
    total = sum(SIZES[contract.region] for contract in made)
    described: set[str] = set()
    for contract in made:
        count = math.ceil(wanted * SIZES[contract.region] / total / len(SUBSIDY_YEARS))
        for year in SUBSIDY_YEARS:
            for file in write(contract, year, count, bodies, seed):
                _write(folder, file, faults, done)
                fresh = {line.partition(" ")[0] for line in file.bodies} - described
                described |= fresh
                done.triples += file.triples - sum(line.partition(" ")[0] not in fresh for line in file.bodies)


def _write(folder: Path, file: SubsidyFiles, faults: float, done: Generated) -> None:
    """Write a file, with its share of faults."""
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    every = round(1 / faults) if faults else 0
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(f"{line}\n" for line in (*file.head, *file.bodies))
        for end, sound in file.subsidies:
            lines = sound
            if every and done.subsidies % every == every // 2:
                lines, fault = plant(done.subsidies // every, end, sound, file.path)
                done.faults.append(fault)
            done.subsidies += 1
            out.writelines(f"{line}\n" for line in lines)


def main() -> None:
    """Write the folder and print what it holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks generator", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the folder of sources is written")
    parser.add_argument("--triples", type=int, default=100_000, help="about how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=float, default=0, help="share of subsidies and contracts with a fault, 0–1")
    given = parser.parse_args()
    if not 0 <= given.faults <= 1:
        parser.error("--faults: 0–1")
    try:
        done = generate(given.folder, given.triples, given.seed, given.faults)
    except FileExistsError:
        parser.error(f"{given.folder} is not empty")
    print(
        f"{given.folder}: {done.triples:,} synthetic triples, {done.contracts} contracts, "
        f"{done.subsidies:,} subsidies, "
        f"{len(done.faults)} faults planted ({PLANTED})"
    )


if __name__ == "__main__":
    main()
