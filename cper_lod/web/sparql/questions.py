"""The questions that the query page offers: grouped by their subject, without those that have no answer today."""

import re
import time
import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.formats import RESULTS_JSON, TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, shorten
from cper_lod.engine.base import Engine, Query
from cper_lod.engine.syntax import iris
from cper_lod.release.docs.empty_results import is_empty
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.release.sources.questions import in_language
from cper_lod.web.http import urls
from cper_lod.web.site import Site, site

Question = dict[str, Any]
"""A competency question: slug, title in each language, SPARQL text."""
MAX_SECONDS: Final = 5.0
"""Seconds in which the questions of a release are asked, at the first page that offers them; those that are left are offered."""


TOPICS: Final[Mapping[str, frozenset[str]]] = {
    f"query-topic-{name}": frozenset(terms.split())
    for name, terms in {
        "subsidies": "subv:Subvention subv:FichierDeSubventions",
        "elsewhere": "liens:jeuLie cper:siren",
        "contract": "cper:articuleAvec cper:Avenant cper:Etape dcat:startDate",
        "subdivisions": "cper:Decoupage skos:broadMatch",
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


def offered(site: Site) -> list[Question]:
    """Return the questions of a release that have an answer."""
    return site.memoize(_with_answer, site)


def _with_answer(site: Site) -> list[Question]:
    """Ask the questions one after the other, and return those that have an answer, or cannot be answered now."""
    until = time.monotonic() + MAX_SECONDS
    return [each for each in site.release.questions if time.monotonic() > until or _is_answered(each, site.engine)]


def _is_answered(question: Question, engine: Engine) -> bool:
    try:
        return not is_empty(engine.query(Query(question["text"], RESULTS_JSON, TURTLE)))
    except Problem:
        return True


@cache
def column_names() -> dict[str, list[str]]:
    """Return the names of columns by variable, in the order of `LANGUAGES`, and the unit of their numbers if they have one."""
    return tomllib.loads((Path(__file__).parent / "columns.toml").read_text("utf-8"))


def column_units() -> dict[str, str]:
    """Return the unit of the numbers of a variable in questions, `%` or the code of a currency, where it has one."""
    return {
        variable: names[len(LANGUAGES)] for variable, names in column_names().items() if len(names) > len(LANGUAGES)
    }


def column_name(variable: str, lang: Language) -> str:
    """Return what the column of a variable is called on the page of a question; a variable without a name is its own.

    >>> column_name("cle", "fr"), column_name("cle", "en"), column_name("x", "fr")
    ('clé', 'key', 'x')
    """
    names = column_names().get(variable)
    return names[LANGUAGES.index(lang)] if names else variable


FIGURE: Final = "chiffre"
"""The variable of questions whose value is the figure that a row is about."""
PUBLISHED: Final[Mapping[str, str]] = {
    "montantPublie": CPER + "Montant",
    "partPubliee": CPER + "Part",
    "chiffrePublie": CPER + "Chiffre",
}
"""The variables of what a source publishes as a figure, with the class of its figures: euros and percent stand in two columns."""


def with_figure(text: str) -> str:
    r"""Return a question whose last column is the figure that each row is about; unchanged if rows are not about one figure.

    >>> with_figure("SELECT ?montant\nWHERE { ?chiffre cper:montantTotal ?montant }")
    'SELECT ?montant ?chiffre\nWHERE { ?chiffre cper:montantTotal ?montant }'
    """
    start, where, pattern = text.replace("\r\n", "\n").partition("\nWHERE {")
    selected = start.rpartition("SELECT ")[2]
    is_one = f"?{FIGURE} " in pattern and f"?{FIGURE}" not in selected.split() and "GROUP BY" not in pattern
    return f"{start} ?{FIGURE}{where}{pattern}" if is_one else text


MAX_CONTRACTS: Final = 40
"""Contracts that a reader may choose from, beside the answer of a question."""
_CHOSEN: Final = re.compile(r"\nVALUES \?contrat \{ <([^<>\s]+)> \}\s*$")
"""What stands after a question that is asked about one contract."""
_BY_CONTRACT: Final = re.compile(r"\bSELECT\b[^{]*\?contrat\b")
"""What a question begins with whose rows say which contract they are of."""


class Asked(NamedTuple):
    """A competency question that is asked, and the contract that it is asked about ("" for all)."""

    question: dict[str, Any]
    contract: str

    def text(self, lang: Language, contract: str) -> str:
        """Return the query in a language, about one contract if it is named."""
        text = in_language(self.question["text"], lang)
        return f"{text.rstrip()}\nVALUES ?contrat {{ <{contract}> }}\n" if contract else text

    def choice(self, lang: Language) -> list[Hyperlink]:
        """Return all contracts, and each of them, with the link to the answer; without a link, what is chosen."""
        contracts = [*islice(site().release.listing.things(CPER + "Contrat"), MAX_CONTRACTS)]
        if len(contracts) < 2 or not _BY_CONTRACT.search(self.question["text"]):
            return []
        graph = ReleaseGraph(site().release)
        names = [("", translate("query-contract-all", lang))]
        names += [(iri, graph.label(NamedNode(iri), lang)) for iri in contracts]
        links = {iri: urls.link("/sparql", query=self.text(lang, iri)) for iri, _ in names if iri != self.contract}
        return [Hyperlink(name, links.get(iri, "")) for iri, name in names]


def asked_question(text: str) -> Asked | None:
    """Return the competency question that a query is, in any language and about any contract; None for another query."""
    text = text.replace("\r\n", "\n").strip()  # as browsers send it
    chosen = _CHOSEN.search(text)
    bare = text[: chosen.start()].strip() if chosen else text
    for question in site().release.questions:
        if any(in_language(question["text"], lang).strip() == bare for lang in LANGUAGES):
            return Asked(question, chosen[1] if chosen else "")
    return None
