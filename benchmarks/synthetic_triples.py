"""Synthetic subsidies as RDF: the same bytes for the same seed, shaped like what a region publishes."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, Store

EX: Final = "https://example.org/"
TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
BENEFICIARIES, TERRITORIES, PROGRAMMES, REGIONS = 2000, 100, 25, 13


def _line(subject: str, name: str, value: str) -> str:
    predicate = TYPE if name == "a" else f"<{EX}def/{name}>"
    return f"<{EX}{subject}> {predicate} {value} .\n"


def _typed(value: object, kind: str) -> str:
    return f'"{value}"^^<{XSD}{kind}>'


def _frame() -> Iterator[str]:
    """Yield what the subsidies refer to: programmes, territories in regions, beneficiaries."""
    for number in range(PROGRAMMES):
        yield _line(f"programme/{number}", "a", f"<{EX}def/Programme>")
        yield _line(f"programme/{number}", "name", f'"Programme {number}"@fr')
    for number in range(TERRITORIES):
        yield _line(f"territory/{number}", "a", f"<{EX}def/Territory>")
        yield _line(f"territory/{number}", "name", f'"Territoire {number}"@fr')
        yield _line(f"territory/{number}", "region", f"<{EX}region/{number % REGIONS}>")
    for number in range(BENEFICIARIES):
        yield _line(f"beneficiary/{number}", "a", f"<{EX}def/Beneficiary>")
        yield _line(f"beneficiary/{number}", "name", f'"Commune {number}"@fr')


def _subsidies(chance: random.Random) -> Iterator[str]:
    """Yield subsidies without end: few beneficiaries get many, most amounts are small, a few are large."""
    number = 0
    while True:
        subject = f"subsidy/{number}"
        amount = f"{chance.lognormvariate(10, 1.5):.2f}"
        beneficiary = min(int(chance.paretovariate(0.8)), BENEFICIARIES) - 1
        yield _line(subject, "a", f"<{EX}def/Subsidy>")
        yield _line(subject, "beneficiary", f"<{EX}beneficiary/{beneficiary}>")
        yield _line(subject, "amount", _typed(amount, "decimal"))
        yield _line(subject, "year", _typed(chance.randint(2021, 2027), "gYear"))
        yield _line(subject, "territory", f"<{EX}territory/{chance.randrange(TERRITORIES)}>")
        yield _line(subject, "programme", f"<{EX}programme/{int(chance.triangular(0, PROGRAMMES, 3))}>")
        number += 1


def lines(triples: int = 100_000, seed: int = 2027) -> Iterator[str]:
    """Yield so many lines of N-Triples, no two alike."""
    left = triples
    for source in (_frame(), _subsidies(random.Random(seed))):
        for line in source:
            if not left:
                return
            yield line
            left -= 1


def write_ntriples(path: Path, triples: int = 100_000, seed: int = 2027) -> Path:
    """Write the data as N-Triples; return `path`."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines(triples, seed))
    return path


def write_index(folder: Path, ntriples: Path) -> Path:
    """Write an Oxigraph index as a release holds one (bulk load, optimise, flush); return `folder`."""
    store = Store(str(folder))
    store.bulk_load(path=str(ntriples), format=RdfFormat.N_TRIPLES)
    store.optimize()
    store.flush()
    return folder
