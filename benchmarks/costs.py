"""What a million requests cost, from the figures of `instances` and from assumed prices."""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from benchmarks.harness import RESULTS, table
from benchmarks.instances import KINDS

MILLION: Final = 1_000_000
SIZES: Final = dict(zip(KINDS, (6_000, 2_000, 6_000, 1_300, 1_300), strict=True))
"""Bytes that travel for each kind of request, head and all, compressed where a browser has it so."""


@dataclass(frozen=True)
class Prices:
    """Assumptions, each a flag of this program: nobody's price list, rounded, in euros without tax, autumn 2026."""

    core_hour: float = 0.02
    """One core of a shared virtual machine with 2 GB, an hour."""
    busy: float = 0.4
    """The share of the time that a core may be busy, so that a peak and the loss of a copy can be borne."""
    gigabyte: float = 0.01
    """A gigabyte that leaves a server (many hosts have it included; large clouds ask up to 0.08)."""
    cdn_gigabyte: float = 0.02
    """A gigabyte that leaves a CDN."""
    cdn_million: float = 0.6
    """A million requests that a CDN answers (none to some euros)."""


def cost_of_copies(micro: float, size: int, prices: Prices) -> tuple[float, float]:
    """Return what a million requests cost in cores and in bytes, where one takes so many µs and so many bytes.

    >>> cost_of_copies(3600, 1000, Prices(core_hour=0.02, busy=0.5, gigabyte=0.01))
    (0.04, 0.01)
    """
    core_hours = micro * MILLION / 1e6 / 3600
    return core_hours / prices.busy * prices.core_hour, size * MILLION / 1e9 * prices.gigabyte


def cost_of_cdn(size: int, prices: Prices) -> tuple[float, float]:
    """Return what a million requests cost at a CDN: for being answered, and in bytes."""
    return prices.cdn_million, size * MILLION / 1e9 * prices.cdn_gigabyte


def rows(measured: Sequence[Mapping[str, Any]], prices: Prices) -> list[Sequence[object]]:
    """Return what each kind of request costs, a million of them, by arrangement."""
    found: list[Sequence[object]] = []
    for each in measured:
        kind, micro = str(each["request"]), float(each["CPU µs, copies"]) + float(each["CPU µs, nginx or store"])
        cores, sent = cost_of_copies(micro, SIZES[kind], prices)
        a_core = 1e6 / micro * prices.busy
        found.append((kind, each["copies"], micro, a_core, cores, sent, cores + sent))
    for kind in (KINDS[0], KINDS[1]):
        answered, sent = cost_of_cdn(SIZES[kind], prices)
        found.append((kind, "static copy on a CDN", None, None, answered, sent, answered + sent))
    return found


def main() -> None:
    """Print the table; every price is a flag."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.costs", description=__doc__)
    parser.add_argument("--json", type=Path, default=RESULTS / "instances.json", help="figures (%(default)s)")
    for each in fields(Prices):
        parser.add_argument(f"--{each.name.replace('_', '-')}", type=float, default=each.default, help="(%(default)s)")
    options = vars(parser.parse_args())
    told = json.loads(options.pop("json").read_text("utf-8"))
    prices = Prices(**options)
    (measured,) = told["tables"].values()
    head = ("request", "where", "CPU µs", "requests/s a core", "€ cores or CDN", "€ bytes", "€ a million")
    print(f"{prices}\n\n{table(head, rows(measured, prices))}")


if __name__ == "__main__":
    main()
