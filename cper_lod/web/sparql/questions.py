"""The questions that the query page offers: grouped by their subject, without those that have no answer today."""

import json
import logging
import threading
import time
import tomllib
from collections.abc import Mapping
from concurrent.futures import Future, wait
from functools import cache
from pathlib import Path
from typing import Any, Final

from cachetools import LRUCache

from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.formats import RESULTS_JSON, TURTLE
from cper_lod.core.namespaces import shorten
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


TOPICS: Final[Mapping[str, frozenset[str]]] = {
    f"query-topic-{name}": frozenset(terms.split())
    for name, terms in {
        "subsidies": "cper:Subvention cper:FichierDeSubventions",
        "elsewhere": "cper:jeuLie cper:siren",
        "contract": "cper:articuleAvec cper:Avenant cper:Etape dcat:startDate",
        "subdivisions": "cper:Decoupage skos:broader",
        "sources": "oa:exact cper:divergeDe",
        "parties": "cper:signePar cper:Groupe",
        "money": "cper:valeur cper:valeurPubliee cper:financeur cper:montantTotal cper:partParSubdivision",
    }.items()
}
"""The subject of a question: the first whose terms its query uses. Those that use none come last, as `query-topic-others`."""
_ORDER: Final = ("contract", "money", "subdivisions", "parties", "sources", "elsewhere", "subsidies", "others")
"""The order in which a page shows the subjects, that of a contract: what it is, money, subdivisions, parties, words."""


def topic(text: str) -> str:
    """Return the subject of a query: the key of its sentence.

    >>> topic("PREFIX cper: <https://w3id.org/cper-lod/ontology#> ASK { ?x cper:montantTotal ?total }"), topic("ASK {}")
    ('query-topic-money', 'query-topic-others')
    """
    used = {*map(shorten, iris(text))}
    return next((name for name, terms in TOPICS.items() if used & terms), "query-topic-others")


def grouped(questions: list[Question]) -> list[tuple[str, list[Question]]]:
    """Return questions by their subject, in the order of the page."""
    found: dict[str, list[Question]] = {f"query-topic-{name}": [] for name in _ORDER}
    for each in questions:
        found[topic(each["text"])].append(each)
    return [(name, each) for name, each in found.items() if each]


_unanswered: LRUCache[str, Future[frozenset[str]]] = LRUCache(_MAX_RELEASES)
"""The questions of a release that have no answer, by what answers depend on."""
_lock = threading.Lock()


def offered(site: Site) -> list[Question]:
    """Return the questions of a release that have an answer; they are asked once a release, in a thread of their own."""
    questions, key = site.release.questions, site.identity
    with _lock:
        if key not in _unanswered:
            found = _unanswered[key] = Future()
            threading.Thread(
                target=lambda: found.set_result(_without_answer(questions, site.engine)), name="questions", daemon=True
            ).start()
        unanswered = _unanswered[key]
    known = unanswered.result() if wait((unanswered,), MAX_WAIT).done else ()
    return [each for each in questions if each["slug"] not in known]


def _without_answer(questions: list[Question], engine: Engine) -> frozenset[str]:
    """Ask the questions one after the other, and return those that have no answer."""
    until, found = time.monotonic() + MAX_SECONDS, set[str]()
    try:
        for each in questions:
            if time.monotonic() < until and not _is_answered(each, engine):
                found.add(str(each["slug"]))
    except Exception:  # the engine may be closed meanwhile, and a list of questions needs no engine
        log.debug("the questions could not be asked", exc_info=True)
    return frozenset(found)


def _is_answered(question: Question, engine: Engine) -> bool:
    """Return whether a question has an answer; one that cannot be answered now may have one."""
    try:
        return has_answer(engine.query(Query(question["text"], RESULTS_JSON, TURTLE)))
    except Problem:
        return True


def has_answer(answer: Answer) -> bool:
    """Return whether an answer says something: a row, a triple, or a truth value."""
    if answer.form == "graph":
        return answer.size > 0
    return answer.form == "ask" or bool(json.loads(answer.read())["results"]["bindings"])


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
