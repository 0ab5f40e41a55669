"""The example of subsidies, and its rows."""

import csv
from collections.abc import Callable
from pathlib import Path

from tests.support.paths import TESTS

EXAMPLE = TESTS / "importing" / "exemple-subventions.csv"
RULES = TESTS / "importing" / "exemple-regles.csv"
HEADER, FIRST, *_ = list(csv.reader(EXAMPLE.read_text("utf-8").splitlines()))
ROW = dict(zip(HEADER, FIRST, strict=True))
CONTRACT = "armorique-test-2030-2034"
Make = Callable[..., Path]
