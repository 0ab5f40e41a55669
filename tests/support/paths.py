"""Folders of the checkout that many tests read."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
"""The checkout: ontology/, shapes/, data/ and the program."""
TESTS: Final = ROOT / "tests"
FICTION: Final = TESTS / "fictif"
"""Sources with two contracts of a fictitious region."""
TINY: Final = FICTION / "petit"
"""The smallest sources that can be published."""
NPM_PACKAGES = ROOT / "tests" / "web" / "npm"
"""What is to be installed of npm."""
