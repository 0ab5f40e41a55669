"""The questions that the query page offers: grouped by their subject, without those that have no answer today."""

import json
import logging
import threading
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from cachetools import LRUCache

from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.formats import RESULTS_JSON, TURTLE
from cper_lod.core.namespaces import CPER, DCAT, DCT, FOAF, OA, PREFIXES, PROV, SKOS
from cper_lod.engine.base import Answer, Engine, Query
from cper_lod.engine.syntax.prologue import iris
from cper_lod.web.site import Site

log = logging.getLogger("cper_lod")
Question = dict[str, Any]
"""A competency question: slug, title in each language, SPARQL text."""
MAX_SECONDS: Final = 20.0
"""Seconds in which the questions of a release are asked; those that are left are offered."""
MAX_WAIT: Final = 1.5
"""Seconds for which the first page waits for the answers; before they are known, every question is offered."""
_MAX_RELEASES: Final = 8


def _terms(names: str) -> frozenset[str]:
    return frozenset(CPER + name for name in names.split())


TOPICS: Final[Mapping[str, frozenset[str]]] = {
    "query-topic-subsidies": _terms("Subvention attribuant FichierDeSubventions"),
    "query-topic-elsewhere": _terms("jeuLie cle siren")
    | {DCAT + "qualifiedRelation", SKOS + "exactMatch", SKOS + "closeMatch", DCT + "relation"},
    "query-topic-money": _terms(
        "engagement enveloppe part partDe pourcentage minimum perimetre valeurDerivee montantDerive"
    )
    | _terms("ValeurDerivee Part Engagement Enveloppe financeur")
    | {PREFIXES["obeu-measure"] + "amount"},
    "query-topic-contract": _terms("avenant coherentAvec articuleAvec") | {DCT + "temporal"},
    "query-topic-parties": _terms("signePar Signataire signature groupe")
    | {PROV + "agent", PROV + "qualifiedAssociation"},
    "query-topic-axes": _terms("Priorite Axe priorite axe sert"),
    "query-topic-sources": _terms("Enonce atteste citation")
    | {OA + "hasBody", DCAT + "contactPoint", FOAF + "Document"},
}
"""The subject of a question: the first whose terms its query uses. Those that use none come last, as `query-topic-others`."""


def topic(text: str) -> str:
    """Return the subject of a query: the key of its sentence.

    >>> topic("PREFIX cper: <https://w3id.org/cper-lod/ontology#> ASK { ?axe cper:part ?part }"), topic("ASK {}")
    ('query-topic-money', 'query-topic-others')
    """
    used = {*iris(text)}
    return next((name for name, terms in TOPICS.items() if used & terms), "query-topic-others")


def grouped(questions: list[Question]) -> list[tuple[str, list[Question]]]:
    """Return questions by their subject, in the order of a contract: what it is, money, axes, parties, words, elsewhere."""
    found: dict[str, list[Question]] = {
        name: []
        for name in (
            "query-topic-contract",
            "query-topic-money",
            "query-topic-axes",
            "query-topic-parties",
            "query-topic-sources",
            "query-topic-elsewhere",
            "query-topic-subsidies",
            "query-topic-others",
        )
    }
    for each in questions:
        found[topic(each["text"])].append(each)
    return [(name, each) for name, each in found.items() if each]


@dataclass
class _Check:
    """Which questions of a release have no answer; none of them as long as not all have been asked."""

    done: threading.Event = field(default_factory=threading.Event)
    unanswered: frozenset[str] = frozenset()

    def run(self, questions: list[Question], engine: Engine) -> None:
        """Ask the questions one after the other."""
        until, found = time.monotonic() + MAX_SECONDS, set()
        try:
            for each in questions:
                if time.monotonic() < until and not _is_answered(each, engine):
                    found.add(str(each["slug"]))
        except Exception:  # the engine may be closed meanwhile, and a list of questions needs no engine
            log.debug("the questions could not be asked", exc_info=True)
        self.unanswered = frozenset(found)
        self.done.set()


_checks: LRUCache[str, _Check] = LRUCache(_MAX_RELEASES)
_lock = threading.Lock()


def offered(site: Site) -> list[Question]:
    """Return the questions of a release that have an answer; they are asked once a release, in a thread of their own."""
    questions, key = site.release.questions, site.identity
    if not questions:
        return []
    with _lock:
        check = _checks.get(key)
        if check is None:
            check = _checks[key] = _Check()
            threading.Thread(target=check.run, args=(questions, site.engine), name="questions", daemon=True).start()
    check.done.wait(MAX_WAIT)
    return [each for each in questions if each["slug"] not in check.unanswered]


def _is_answered(question: Question, engine: Engine) -> bool:
    """Return whether a question has an answer; one that cannot be answered now may have one."""
    try:
        return has_answer(engine.query(Query(question["text"], RESULTS_JSON, TURTLE)))
    except Problem:
        return True


def has_answer(answer: Answer) -> bool:
    """Return whether an answer says something of all that was asked: rows, and in every column a value."""
    if answer.form == "graph":
        return answer.size > 0
    results = json.loads(answer.read())
    if answer.form == "ask":
        return True
    rows = results["results"]["bindings"]
    return bool(rows) and all(any(name in row for row in rows) for name in results["head"]["vars"])


@cache
def column_names() -> dict[str, list[str]]:
    """Return the names of columns by variable, in the order of `LANGUAGES`."""
    return tomllib.loads((Path(__file__).parent / "columns.toml").read_text("utf-8"))


def column_name(variable: str, lang: Language) -> str:
    """Return what the column of a variable is called on the page of a question; a variable without a name is its own.

    >>> column_name("cle", "fr"), column_name("cle", "en"), column_name("x", "fr")
    ('clé', 'key', 'x')
    """
    names = column_names().get(variable)
    return names[LANGUAGES.index(lang)] if names else variable
