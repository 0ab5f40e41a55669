"""What rules know of each file: its validator and kind of headers, exactly, or for very many things by pattern."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from cper_lod.mirror.manifest import Manifest
from cper_lod.mirror.paths import VARIANTS

_LINK: Final = ", <"


class Fact(NamedTuple):
    """The files that a text names, or with `ending` those in a folder that end so; their validator, their kind."""

    file: str
    etag: str
    kind: int
    ending: str = ""


class Facts:
    """The facts of a mirror; `exact` is how many files of things are told one by one."""

    def __init__(self, ledger: Manifest, exact: int, key: str) -> None:
        self._ledger = ledger
        self.kinds = ledger.kinds()
        self.lines = ledger.count(things=False)
        self.exact = ledger.count(things=True) <= exact
        self._general = list[Fact]() if self.exact else self._patterns(key)
        self.lines += ledger.count(things=True) if self.exact else len(self._general)

    def each(self) -> Iterator[Fact]:
        """Yield the facts."""
        for entry in self._ledger.entries(things=None if self.exact else False):
            yield Fact(entry.file, entry.etag.strip('"'), entry.kind)
        yield from self._general

    def _patterns(self, key: str) -> list[Fact]:
        """Return one fact for each form of things: a validator of the whole export, and the headers that all have."""
        kinds = defaultdict[tuple[str, str], set[int]](set)
        for entry in self._ledger.entries(things=True):
            kinds[_group(entry.file)].add(entry.kind)
        found = []
        for (folder, ending), those in sorted(kinds.items()):
            number = len(self.kinds)
            self.kinds[number] = _common([self.kinds[each] for each in sorted(those)])
            found.append(Fact(folder, f"{key[:16]}-{ending}", number, ending))
        return found


def _group(file: str) -> tuple[str, str]:
    """Return the folder of a file of a thing, and what its name ends with.

    >>> _group("doc/contrat/x.fr.html"), _group("linkset/a.b.json")
    (('doc', 'fr.html'), ('linkset', 'json'))
    """
    stem, _, ending = file.rpartition(".")
    variant = stem.rpartition(".")[2]
    return file.partition("/")[0], f"{variant}.{ending}" if variant in {each.name for each in VARIANTS} else ending


def _common(heads: list[dict[str, str]]) -> dict[str, str]:
    """Return the headers that all of some kinds have, of links those that all have."""
    links = [each.get("Link", "").split(_LINK) for each in heads]
    same = [link for link in links[0] if all(link in others for others in links)]
    first = {name: value for name, value in heads[0].items() if all(each.get(name) == value for each in heads)}
    first.pop("Link", None)
    first["Vary"] = max((each.get("Vary", "") for each in heads), key=len)  # too much is no fault
    joined = _LINK.join(same)
    return first | ({"Link": joined if joined.startswith("<") else f"<{joined}"} if joined else {})
