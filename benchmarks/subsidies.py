"""The import of synthetic subsidies: rows per second and peak memory at 1 000 and 1 000 000 rows, and with faults."""

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cper_lod.core.check_digits import luhn
from cper_lod.importing.subsidies.parse_rows import COLUMNS

ROOT: Final = Path(__file__).parent.parent
CONTRACT: Final = "hauts-de-france-2021-2027"


def siret(number: int) -> str:
    """Return a SIRET that begins with 0000, which no register gives."""
    siren = next(f"0000{number:04}{key}" for key in range(10) if luhn(f"0000{number:04}{key}"))
    return next(f"{siren}0001{key}" for key in range(10) if luhn(f"{siren}0001{key}"))


def rows(count: int, faulty: int) -> Iterator[list[str]]:
    """Yield `count` rows, made of their number alone; one in `faulty` has a wrong amount (0: none)."""
    known = [siret(number) for number in range(1, 5000)]
    for number in range(count):
        beneficiary = number % len(known)
        wrong = faulty and number % faulty == 0
        yield [
            "Attribuant inventé",
            known[number % 7],
            f"20{21 + number % 7}-{1 + number % 12:02}-{1 + number % 28:02}",
            f"REF-{number}",
            f"Bénéficiaire inventé {beneficiary}",
            known[beneficiary],
            "",
            f"Objet inventé numéro {number}, pour mesurer",
            "beaucoup" if wrong else f"{number * 37 % 1_000_000}.{number % 100:02}",
            "aide en numéraire",
            "échelonné",
            "2024-01-01/2024-12-31",
            "",
            "non",
            "1",
            f"DISPOSITIF-{number % 50}",
        ]


def measure(folder: Path, count: int, faulty: int) -> dict[str, object]:
    """Import a file of `count` rows in a process of its own; return what that took."""
    path = folder / f"mesure-{count}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows(count, faulty))
    command = [sys.executable, "-m", "cper_lod", "import", "subventions", str(path), "--contract", CONTRACT]
    command += ["--axis", "2", "--sources", str(folder), "--format", "json"]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    out, _ = process.communicate()
    seconds = time.perf_counter() - started
    told = json.loads(out)[0]
    written = Path(told["written"]).stat().st_size
    Path(told["written"]).unlink()
    path.unlink()
    return {"rows": count, "kept": told["kept"], "errors": told["errors"], "seconds": seconds, "written": written}


def main() -> None:
    """Print a row for each size; each is measured in a process of its own, whose memory is its peak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--faulty", type=int, default=0, help="one row in so many has a fault")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.one is None:
        print("| rows | kept | faults | seconds | rows/s | CPU s | peak RSS | written |", flush=True)
        print("|---|---|---|---|---|---|---|---|", flush=True)
        for count in flags.rows:
            again = [sys.executable, "-m", "benchmarks.subsidies", "--one", str(count), "--faulty", str(flags.faulty)]
            subprocess.run(again, cwd=ROOT, check=True)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("ontology", "shapes"):
            (folder / each).symlink_to(ROOT / each)
        (folder / "data").mkdir()
        for path in (ROOT / "data").iterdir():
            if path.name not in ("catalog", "subventions"):  # which an import writes to
                (folder / "data" / path.name).symlink_to(path)
        found = measure(folder, flags.one, flags.faulty)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    seconds = float(str(found["seconds"]))
    print(
        f"| {found['rows']} | {found['kept']} | {found['errors']} | {seconds:.1f} | {flags.one / seconds:.0f} "
        f"| {cpu:.1f} | {peak:.0f} MiB | {int(str(found['written'])) / 1e6:.1f} MB |",
        flush=True,
    )


if __name__ == "__main__":
    main()
