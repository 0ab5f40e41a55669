"""The decisions kept in data/links/: read, changed under a lock, and written whole or not at all."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from pyoxigraph import Quad

from cper_lod.core.config import refuse_packed
from cper_lod.core.errors import Problem
from cper_lod.core.formats import TURTLE
from cper_lod.core.i18n import say
from cper_lod.linking.datagouv.dataset import Dataset, clean
from cper_lod.linking.decisions.decision import LINKS, REFUSALS, Decision, Reading, decisions
from cper_lod.rdf.comments import comments
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.formatter import replace as replace_file
from cper_lod.rdf.reader import load, parse
from cper_lod.rdf.serialize import write
from cper_lod.release.sources.read import KEPT_BACK
from cper_lod.release.storage.text import folded

KEPT: Final = Path("data", "links", "data-gouv-fr.ttl")
"""The file of the links that are kept; those refused are in KEPT_BACK, which is checked and not published."""
LONGEST: Final = 2000
"""Characters of a reason."""


@dataclass(frozen=True)
class Reasons:
    """Why a person decided so, in French, in English, or in both."""

    fr: str
    en: str

    def texts(self) -> dict[str, str]:
        """Return the reason in both languages; one that was not given quotes the other. Raises `link-reason`."""
        fr, en = clean(self.fr), clean(self.en)
        if not (fr or en) or max(len(fr), len(en)) > LONGEST:
            raise Problem("link-reason", limit=LONGEST)
        return {
            "fr": fr or say("link-reason-quoted", "fr", text=en),
            "en": en or say("link-reason-quoted", "en", text=fr),
        }


class Links:
    """The two files of decisions below a folder of sources; raises `source-missing` where it holds no data."""

    def __init__(self, sources: Path) -> None:
        if not (sources / "data").is_dir():
            raise Problem("source-missing", path=sources / "data")
        self._files = {True: sources / KEPT, False: sources / KEPT_BACK}

    def all(self) -> list[Decision]:
        """Return every decision, the kept ones first; raises the problems of `rdf.reading`."""
        return [each for kept in (True, False) for each in decisions(_read(self._files[kept]))]

    def keep(self, dataset: Dataset, things: tuple[str, ...], key: str, why: Reasons, today: str = "") -> Decision:
        """Record that a dataset is linked to things, and return the link; a refusal of the same gives way.

        Raises `link-known` where one of the links is kept already, and what keeps the files from being changed.
        """
        return self._decide(dataset, things, True, key, why, today)

    def refuse(self, dataset: Dataset, things: tuple[str, ...], why: Reasons, today: str = "") -> Decision:
        """Record that a dataset is not to be linked to things; a link between them that was kept gives way."""
        return self._decide(dataset, things, False, "", why, today)

    def kept_dataset(self, identifier: str) -> Dataset | None:
        """Return a dataset as a kept link knows it, None where none does: it may be gone from its site."""
        for each in self.all():
            if each.kept and each.dataset.endswith("/" + identifier):
                title = each.label.get("fr", identifier)
                return Dataset(identifier, each.reading.facts.get("slug", "") if each.reading else "", title)
        return None

    def reread(self, readings: dict[str, Reading]) -> list[Decision]:
        """Keep what was read anew of datasets, by their IRI; return the decisions that changed by it."""
        changed: list[Decision] = []
        with self._locked():
            quads = after = _whole(self._files[True])
            for each in decisions(quads):
                new = readings.get(each.dataset)
                if new and new != each.reading:
                    again = replace(each, reading=new)
                    after = [*_without(after, each), *again.quads()]
                    changed.append(again)
            _write(self._files[True], quads, after)
        return changed

    def _decide(
        self, dataset: Dataset, things: tuple[str, ...], kept: bool, key: str, why: Reasons, today: str
    ) -> Decision:
        reason, day = why.texts(), today or date.today().isoformat()
        with self._locked():
            known = self.all()
            if old := next((each for each in known if each.kept is kept and _between(each, dataset.iri, things)), None):
                raise Problem("link-known", iri=old.iri, day=old.day or "–", reason=old.reason.get("fr", ""))
            base = (LINKS if kept else REFUSALS) + _slug(dataset.slug or dataset.title)
            label = {"fr": dataset.title, "en": say("link-label", "en", title=dataset.title)}
            new = Decision(
                iri=_free(base, {each.iri for each in known}), dataset=dataset.iri, targets=tuple(sorted(set(things))),
                label=label, reason=reason, kept=kept, key=key, day=day,
                reading=Reading(day, dataset.facts) if kept else None,
            )  # fmt: skip
            mine, others = _whole(self._files[kept]), _whole(self._files[not kept])
            # First what is new, then what gives way: whoever is stopped between the two has both, and loses neither.
            _write(self._files[kept], mine, [*mine, *new.quads()])
            _write(self._files[not kept], others, _given_way(others, dataset.iri, things))
        return new

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time change the files; raises `permission` where they cannot be changed."""
        folder = self._files[True].parent
        refuse_packed(folder, "--sources")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)
        except OSError as error:
            raise Problem("permission", path=folder, message=error.strerror or error) from error


def _read(path: Path) -> list[Quad]:
    return parse(load(path), path=path) if path.exists() else []


def _whole(path: Path) -> list[Quad]:
    """Return the quads of a file that is to be written anew; one with comments, which would be lost, is refused."""
    quads = _read(path)
    if found := comments(load(path).decode("utf-8-sig")) if quads else []:
        raise Problem("source-comments", path=path, line=found[0].line, comment=found[0].text)
    return quads


def _write(path: Path, before: list[Quad], after: list[Quad]) -> None:
    """Write what changed, canonically, in one step; a file that would hold nothing goes."""
    if after and after != before:
        replace_file(path.resolve(), write(canonical_literals(after), TURTLE))
    elif before and not after:
        path.unlink()


def _between(decision: Decision, dataset: str, things: tuple[str, ...]) -> bool:
    return decision.dataset == dataset and bool({*decision.targets} & {*things})


def _given_way(quads: list[Quad], dataset: str, things: tuple[str, ...]) -> list[Quad]:
    """Return the quads without the decisions between a dataset and things; one about others too keeps those."""
    for each in decisions(quads):
        if _between(each, dataset, things):
            left = tuple(target for target in each.targets if target not in things)
            quads = [*_without(quads, each), *(replace(each, targets=left).quads() if left else ())]
    return quads


def _without(quads: list[Quad], decision: Decision) -> list[Quad]:
    gone = set(decision.quads())
    return [each for each in quads if each not in gone]


def _slug(text: str) -> str:
    """Return a name for an IRI.

    >>> _slug("Base Sirene des entreprises (SIREN, SIRET)")
    'base-sirene-des-entreprises-siren-siret'
    """
    return re.sub("[^a-z0-9]+", "-", folded(text))[:60].strip("-") or "jeu"


def _free(base: str, taken: set[str]) -> str:
    """Return `base`, numbered where it is taken."""
    number = 2
    iri = base
    while iri in taken:
        iri, number = f"{base}-{number}", number + 1
    return iri
