"""Rows that seem to name a natural person: the words that tell so, and the list that a person reviews.

No register is asked: names are compared with `names.toml`. A name that only looks like one of a person is left out as well
until the review says that it may be published, since what is published once cannot be taken back.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.i18n import translate
from cper_lod.core.text import folded
from cper_lod.importing.csv_file import inspect_csv, read_rows
from cper_lod.importing.findings import new_csv
from cper_lod.importing.subsidies.parse_rows import Subsidy

THRESHOLD: Final = 23_000
"""Euros above which the essential data of an agreement must be published (décret 2001-495, article 1; décret 2017-779)."""

_TITLES: Final = (
    *("M.", "MM.", "Mr", "Mr.", "Mme", "Mme.", "MME", "Mmes", "Mlle", "Mlle.", "MLLE", "Mlles"),
    *("Monsieur", "MONSIEUR", "Madame", "MADAME", "Mademoiselle", "MADEMOISELLE"),
)
_CIVIL_TITLE: Final = re.compile(
    rf"(?:^|[\s(,;/-])(?:{'|'.join(map(re.escape, _TITLES))}|M(?=\s+[A-ZÀ-Ý]{{2}}))\s+[A-ZÀ-Ý]"
)
"""A civil title before a capitalized name."""
_SOLE_TRADER: Final = re.compile(
    r"(?:^|\W)(?:e\.?i\.?|eirl|entrepreneure? individuel(?:le)?|entreprise individuelle"
    r"|(?:auto|micro)[- ]?entrep\w+|personne physique)(?:\W|$)"
)
"""Legal forms of a single person."""
_WORDS: Final = tomllib.loads((files(__package__) / "names.toml").read_text("utf-8"))
_FIRST_NAMES: Final = frozenset(_WORDS["first_names"].split())
_ORGANISATIONS: Final = frozenset(_WORDS["organisations"].split())
_WORD: Final = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_YES, _NO = (frozenset(folded(translate(key, lang)) for lang in LANGUAGES) for key in ("value-true", "value-false"))
_NAME: Final = "nomBeneficiaire"
_FIELDS: Final = {
    _NAME: "name",
    "objet": "purpose",
    "referenceDecision": "reference",
    "conditionsVersement": "conditions",
    "dispositifAide": "scheme",
    "nomAttribuant": "funder_name",
}
"""The columns whose texts are published as they are."""
_PUBLIC: Final = ("1", "2")
"""First digits of the SIREN of the State and of local authorities."""


def named_persons(subsidy: Subsidy) -> list[tuple[str, str]]:
    """Return each column that seems to name a natural person, with the kind of the finding.

    A body with an RNA number is an association.
    """
    found = [(column, "person-named") for column in _FIELDS if _CIVIL_TITLE.search(_text_of(subsidy, column))]
    if subsidy.rna:
        return [each for each in found if each[0] != _NAME]
    if _NAME not in dict(found):
        if _SOLE_TRADER.search(folded(subsidy.name)):
            found.insert(0, (_NAME, "person-named"))
        elif not subsidy.siret.startswith(_PUBLIC) and is_like_person(subsidy.name):
            found.insert(0, (_NAME, "person-likely"))
    return found


def _text_of(subsidy: Subsidy, column: str) -> str:
    return str(getattr(subsidy, _FIELDS[column]))


def is_like_person(name: str) -> bool:
    """Return whether a name is a few words that begin or end with a common first name, none of them of an organisation.

    >>> [*map(is_like_person, ("DUPONT Jean-Marc", "Jeanne de la Tour", "Club Jean Moulin", "Jean", "SCI JEAN"))]
    [True, True, False, False, False]
    """
    words = folded(name).replace(",", " ").split()
    if not 2 <= len(words) <= 4 or not all(map(_WORD.fullmatch, words)):
        return False
    parts = {part for word in words for part in re.split("[-'’]", word)}
    first_names = {word.partition("-")[0] for word in (words[0], words[-1])} & _FIRST_NAMES
    return bool(first_names) and not parts & _ORGANISATIONS


class _ListRow(NamedTuple):
    """A row of the list; its fields are the ends of the keys of the headings."""

    file: str
    row: str
    column: str
    text: str
    siret: str
    amount: str
    above: str
    decision: str

    @property
    def key(self) -> tuple[str, str]:
        """What a decision is about: the text, and the SIRET whose spaces a spreadsheet may drop."""
        return self.text.removeprefix("'"), self.siret.replace(" ", "")


class PersonList:
    """The list of rows that seem to name a person, with what an earlier one decided about the same names."""

    def __init__(
        self, write: Callable[[_ListRow], object], earlier: dict[tuple[str, str], _ListRow], lang: Language
    ) -> None:
        self._write, self._earlier, self._lang = write, earlier, lang
        self._met = set[tuple[str, str]]()
        self.count = 0
        """The number of rows listed."""

    def add(self, file: str, line: int, column: str, subsidy: Subsidy) -> bool:
        """List a row; return whether the review says that it may be published."""
        text = _text_of(subsidy, column)
        siret = f"{subsidy.siret[:3]} {subsidy.siret[3:6]} {subsidy.siret[6:9]} {subsidy.siret[9:]}".strip()
        amount = Decimal(subsidy.amount) * Decimal(subsidy.share) / 100
        above = translate(f"value-{str(amount > THRESHOLD).lower()}", self._lang)
        row = _ListRow(file, str(line), column, text, siret, f"{amount:.2f}", above, "")
        decided = self._earlier.get(row.key)
        self.count += 1
        self._write(row._replace(decision=decided.decision if decided else ""))
        if decided:
            self._met.add(row.key)
        return decided is not None and folded(decided.decision) in _YES

    def finish(self) -> None:
        """Write the earlier decisions about names that were not met, so that none is lost."""
        for key, row in self._earlier.items():
            if key not in self._met:
                self._write(row)


@contextmanager
def person_list(path: Path | None, lang: Language) -> Iterator[PersonList]:
    """Yield the list of persons of an import; it is written to `path` at the end, with the decisions that were there.

    Without a path nothing is listed, and nothing is decided. Raises `persons-file` for another file, the problems of reading
    and `permission`.
    """
    if path is None:
        yield PersonList(lambda _: None, {}, lang)
        return
    earlier = _decisions(path) if path.exists() else {}
    with new_csv(path, _headings(lang), mode=0o600) as write:
        listed = PersonList(write, earlier, lang)
        yield listed
        listed.finish()


def _decisions(path: Path) -> dict[tuple[str, str], _ListRow]:
    file = inspect_csv(path)
    if list(file.header) not in map(_headings, LANGUAGES):
        raise Problem("persons-file", path=path, line=1)
    decided = {}
    for line, cells in read_rows(file):
        if len(cells) != len(file.header):
            raise Problem("persons-file", path=path, line=line)
        row = _ListRow(*map(str.strip, cells))
        if folded(row.decision) not in {"", *_YES, *_NO}:
            raise Problem("persons-file", path=path, line=line)
        if row.decision:
            decided[row.key] = row
    return decided


def _headings(lang: Language) -> list[str]:
    return [translate(f"persons-{name}", lang) for name in _ListRow._fields]
