"""Tables of terms: what stands in the program, the context, the questions, the rules and the shapes is whole.

What each table has to hold is derived from the ontology; what it leaves out on purpose is named here, with the reason.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

import pytest
from pyoxigraph import NamedNode

from cper_lod.core import units
from cper_lod.core.errors import LANGUAGES
from cper_lod.core.i18n import translate
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import (
    CPER,
    DEFINITIONS,
    ORG,
    OWL,
    QB,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    VOCABULARIES,
    XSD,
    own_name,
    shorten,
)
from cper_lod.importing.contracts import actors, figures, graph, model, printed
from cper_lod.importing.subsidies import parse_cells
from cper_lod.linking import reconciliation
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from cper_lod.release.check import quotations
from cper_lod.release.pictures import bars
from cper_lod.release.plan import contract, observations
from cper_lod.web.api import resources, schemas
from cper_lod.web.components import groups
from cper_lod.web.thing_pages import registry
from tests.support.names import BASE
from tests.support.paths import ROOT

Names = set[str]
FILES = sorted((ROOT / "ontology").glob("*.ttl"))
CODES = f"{DEFINITIONS}code/"
OUR_TERM = r"(?:cper|liens|subv):(\w+)"
QUDT = "http://qudt.org/vocab/unit/"


class Ontology:
    """What the ontology says of its terms, by their short names: those of our namespace without a prefix."""

    def __init__(self) -> None:
        self.graph = Graph(quad for path in FILES for quad in read(path, names=PROGRAM))
        self.classes = self.of(OWL + "Class")
        self.properties = {
            each for kind in ("Object", "Datatype", "Annotation") for each in self.of(f"{OWL}{kind}Property")
        }
        self.data_properties = self.of(OWL + "DatatypeProperty")
        self.figures = {each for each in self.classes if each in self.below("Chiffre") | self.domain("valeur")}
        self.of_figures = self.with_domain(self.figures)
        self.measures = self.of_figures & self.of(QB + "MeasureProperty")

    def of(self, cls: str) -> Names:
        """Return our terms of a class."""
        nodes = (each for each in self.graph.subjects() if isinstance(each, NamedNode))
        return {name for each in nodes if cls in self.graph.types(each) and (name := own_name(each.value))}

    def values(self, term: str, predicate: str) -> Names:
        """Return what the term of that name, of whichever vocabulary of ours, has as values; our terms by their name."""
        found = (value for space in VOCABULARIES for value in self.graph.all(NamedNode(space + term), predicate))
        return {own_name(each.value) or each.value for each in found}

    def below(self, cls: str) -> Names:
        """Return a class and the classes below it."""
        direct = {each for each in self.classes if cls in self.values(each, RDFS + "subClassOf")}
        return {cls}.union(*map(self.below, direct))

    def domain(self, term: str) -> Names:
        return self.values(term, RDFS + "domain") | self.values(term, SCHEMA + "domainIncludes")

    def with_domain(self, classes: Names) -> Names:
        return {each for each in self.properties if self.domain(each) & classes}

    def with_range(self, *ranges: str) -> Names:
        return {each for each in self.properties if self.values(each, RDFS + "range") & {*ranges}}

    def ranges(self, start: str) -> Names:
        """Return the ranges of data properties that begin like this, without it."""
        found = {each for term in self.data_properties for each in self.values(term, RDFS + "range")}
        return {each.removeprefix(start) for each in found if each.startswith(start)}

    def codes(self, scheme: str) -> Names:
        """Return the codes of a list."""
        found = (each for each in self.graph.subjects() if isinstance(each, NamedNode))
        start = f"{CODES}{scheme}/"
        return {each.value.removeprefix(start) for each in found if each.value.startswith(start)}

    def units(self) -> Names:
        """Return the units outside our lists. The ontology does not declare the euro: data of contracts have it."""
        declared = (each.value for each in self.graph.subjects() if isinstance(each, NamedNode))
        used = terms("data/contracts/*.ttl", "sdmx-attribute:unitMeasure <(.*?)>")
        return {each for each in declared if each.startswith(QUDT)} | {
            each for each in used if not each.startswith((BASE, "id/"))
        }

    def closed_lists(self) -> Names:
        """Return the lists whose definition does not say that they are open."""
        found = set[str]()
        for node in self.graph.subjects():
            if isinstance(node, NamedNode) and node.value.startswith(CODES) and "/" not in node.value[len(CODES) :]:
                said = " ".join(each.value for each in self.graph.all(node, SKOS + "definition"))
                found |= set() if "liste est ouverte" in said else {node.value[len(CODES) :]}
        return found


ONTOLOGY = Ontology()


class Table(NamedTuple):
    """What stands in a table, what the ontology says has to, and what is left out, with the reason."""

    held: Names
    due: Names
    left_out: Mapping[str, str] = MappingProxyType({})


def of(*names: str) -> Names:
    """Return these names, without our namespaces."""
    return {own_name(each) or re.sub("^(cper|liens|subv):", "", each) for each in names}


def text(*files: str) -> str:
    """Return the text of the files that patterns find."""
    paths = [path for each in files for path in sorted(ROOT.glob(each))]
    assert paths, files
    return "".join(path.read_text("utf-8") for path in paths)


def terms(file: str, pattern: str = OUR_TERM) -> Names:
    """Return what a pattern finds in files."""
    return {*re.findall(pattern, text(file), re.MULTILINE)}


def in_all(pattern: str, texts: Iterable[str], least: int = 2) -> Names:
    """Return what a pattern finds in all of some texts, those left out in which it finds fewer."""
    found = [{*re.findall(pattern, each)} for each in texts]
    return set.intersection(*([each for each in found if len(each) >= least] or [set()]))


def lists(file: str, pattern: str, least: int = 2) -> Names:
    """Return the terms that stand in all lists which a pattern finds, of so many terms at least."""
    return in_all(OUR_TERM, re.findall(pattern, text(file), re.DOTALL), least)


def natures(file: str, query: str = "^(.*)$") -> Names:
    """Return the natures that all queries name which name any."""
    return in_all(r"nature:([\w-]+)", re.findall(query, text(file), re.DOTALL), 1)


def keys_of_context() -> Names:
    """Return the terms that have a key in the context, with the type that their range asks for."""
    found = set[str]()
    for value in json.loads(text("ontology/context/2.0.0.jsonld"))["@context"].values():
        definition = value if isinstance(value, dict) else {"@id": value}
        name = re.sub("^(cper|liens|subv):", "", str(definition.get("@id")))
        if name in ONTOLOGY.classes | ONTOLOGY.properties:
            type_ = min(ONTOLOGY.values(name, RDFS + "range"), default="")
            if name not in ONTOLOGY.data_properties:
                key, wanted = "@id", definition["@id"]
            elif type_ == RDF + "langString":
                key, wanted = "@container", "@language"
            elif type_ == XSD + "string":
                key, wanted = "@language", None
            else:
                key, wanted = "@type", shorten(type_) if "#" in type_ else f"cper:{type_}"
            found |= {name} if definition.get(key, "") == wanted else set()
    return found


def members_of_json() -> Names:
    """Return the properties that members of each shape of the plain JSON say, after the name of the shape."""
    shapes = tomllib.loads(text(JSON_SHAPES))
    return {
        f"{shape}.{term}"
        for shape in schemas.THINGS
        for term in re.findall(
            r"(?:cper|liens|subv):([a-z]\w+)", str(shapes[shape] | shapes.get(shapes[shape]["_"][0].split()[0], {}))
        )
    }


def members_due() -> Names:
    """Return the properties of the classes of each shape; statements, readings and sums are said by functions."""
    due = set[str]()
    for cls in ONTOLOGY.classes:
        if kind := next((schemas.TYPES[each + cls] for each in VOCABULARIES if each + cls in schemas.TYPES), None):
            own = ONTOLOGY.with_domain({cls}) - ONTOLOGY.measures - {"enonce", "lecture"}
            due |= {f"{kind}.{each}" for each in own}
    return due


def units_that_may_be_linked() -> Names:
    """Return the units that the pattern of a shape names."""
    (pattern,) = terms("shapes/links.ttl", r'sh:path sdmx-attribute:unitMeasure ;\s+sh:pattern "(.*)"')
    return {*re.findall(r"http:[^|$)(]+(?=\$)", pattern.replace("[.]", "."))}


NATURES = ONTOLOGY.codes("nature-de-la-valeur")
LINKS_OF_FIGURES = ONTOLOGY.with_domain(ONTOLOGY.figures) & ONTOLOGY.with_range(*ONTOLOGY.figures)
JSON_SHAPES = "cper_lod/web/api/shapes.toml"
OF_PAGE = {*re.findall(OUR_TERM, str(tomllib.loads(text("cper_lod/web/thing_pages/kinds.toml"))["figure"]))}
COMPUTED = ("ValeurDerivee", "borneInferieure", "borneSuperieure", "hypothese", *observations.MEASURES)
NO_INTERVAL = {"parts-egales": "has no number", "exact": "the value"}
TOLD_BY_NUMBER = {**dict.fromkeys(("exact", "arrondi"), "the number alone tells it"), "parts-egales": "no number"}
OWN_SECTION = {"Document": "among words", "Enonce": "among words", "Lecture": "among words"}
PUBLIC = dict.fromkeys(
    ("commune", "departement", "epci", "etablissement-public", "etat", "groupe", "region", "union-europeenne"), "public"
)

TABLES = {
    # Figures, their measures and numbers.
    "the classes of figures": Table(of(*observations.FIGURES), ONTOLOGY.figures),
    "the measures": Table(of(*observations.MEASURES), ONTOLOGY.measures),
    "the sums in JSON": Table(of(*resources.SUMS), ONTOLOGY.measures),
    "numbers in the unit of their figure": Table(
        of(*units.IN_UNIT), (ONTOLOGY.with_range(XSD + "decimal") & ONTOLOGY.of_figures) - ONTOLOGY.measures
    ),
    "decimals with a unit": Table(
        {
            each
            for each in ONTOLOGY.with_range(XSD + "decimal")
            if any(units.unit_of(space + each, units.EURO) for space in VOCABULARIES)
        },
        ONTOLOGY.with_range(XSD + "decimal"),
    ),
    "the kind of page of a figure": Table(OF_PAGE, ONTOLOGY.figures),
    "the measures that its page tells in words": Table(OF_PAGE, ONTOLOGY.measures),
    "measures in questions": Table(
        of(*" ".join(terms("ontology/questions/sommes-par-mesure.rq", r"VALUES \?mesure \{(.*?)\}")).split()),
        ONTOLOGY.measures,
    ),
    "figures in questions": Table(
        lists("ontology/questions/chiffres-et-mots.rq", r"VALUES \?classe \{(.*?)\}"), ONTOLOGY.below("Chiffre")
    ),
    "links of figures in questions": Table(
        lists("ontology/questions/chiffres-lies.rq", r"VALUES \?lien \{(.*?)\}"), LINKS_OF_FIGURES
    ),
    "measures in rules": Table(
        lists("ontology/rules/2-mesures.rq", r"VALUES \([^)]*\) \{(.*?)\n  \}"),
        ONTOLOGY.measures,
        {"montantTotal": "a rule of its own, before it"},
    ),
    "links that keep a figure out of sums": Table(
        lists("ontology/rules/2-mesures.rq", r"FILTER NOT EXISTS \{ \?\w+ ([^ ]*\|[^ ]*)"),
        LINKS_OF_FIGURES,
        {"composeDe": "the whole is not kept out"},
    ),
    "why a figure is in no sum": Table(
        of(*observations._EXCLUDING), LINKS_OF_FIGURES, {"composeDe": "the whole is not kept out"}
    ),
    "measures in shapes": Table(
        lists("shapes/finance.ttl", r"\((cper:\w*(?:\|cper:\w*)+)\)", least=5), ONTOLOGY.measures
    ),
    "measures in structures": Table(terms("ontology/structures.ttl", r"qb:measure cper:(\w+)"), ONTOLOGY.measures),
    "dimensions and attributes in structures": Table(
        terms("ontology/structures.ttl", r"qb:(?:dimension|attribute) cper:(\w+)"),
        ONTOLOGY.of(QB + "DimensionProperty") | ONTOLOGY.of(QB + "AttributeProperty"),
    ),
    # Classes.
    "the order of classes": Table(
        of(*groups._FIRST),
        ONTOLOGY.classes,
        {
            **OWN_SECTION,
            **dict.fromkeys(("Rapprochement", "ValeurRetrouvee"), "no part of a contract"),
            **dict.fromkeys(("Subvention", "FichierDeSubventions"), "after those of the contract"),
        },
    ),
    "the shapes of the plain JSON": Table(
        of(*schemas.TYPES),
        ONTOLOGY.classes,
        dict.fromkeys(("FichierDeSubventions", "Rapprochement", "ValeurRetrouvee"), "in the shape of any resource"),
    ),
    "what is read of a contract": Table(
        of(*contract._PARTS),
        ONTOLOGY.classes & ONTOLOGY.domain("contrat"),
        {
            "Groupe": "read where it funds",
            "Signataire": "read with the step",
            **dict.fromkeys(("Subvention", "FichierDeSubventions"), "only counted"),
        },
    ),
    "the classes that a shape targets": Table(
        {*re.findall(OUR_TERM, " ".join(terms("shapes/*.ttl", "sh:targetClass([^;.]*)")))},
        ONTOLOGY.classes,
        {"FichierDeSubventions": "its properties have shapes"},
    ),
    "the parts of a contract, in shapes": Table(
        lists("shapes/contract.ttl", r"sh:path cper:contrat ;\s+sh:targetClass([^;.]*)"),
        ONTOLOGY.classes & ONTOLOGY.domain("contrat"),
        {"FichierDeSubventions": "its rows belong to the contract"},
    ),
    "the keys of the context": Table(keys_of_context(), ONTOLOGY.classes | ONTOLOGY.properties),
    "what questions use": Table(terms("ontology/questions/*.rq"), ONTOLOGY.classes | ONTOLOGY.properties),
    "what shapes use": Table(
        terms("shapes/*.ttl"),
        ONTOLOGY.properties,
        dict.fromkeys(
            ("conditionsDeVersement", "dispositif", "notificationUE", "rae"),
            "as the file says it; the importer reads it",
        ),
    ),
    "the members of the plain JSON": Table(
        members_of_json(),
        members_due(),
        {"Chiffre.pas": "the digits of `texte` show it", "Subdivision.jeuLie": "each of its `liens` names it"},
    ),
    "what an import of contracts says": Table(
        terms("cper_lod/importing/contracts/*.[pt][yo]*", r'(?:(?:cper|liens|subv):|(?:CPER|LIENS|SUBV) \+ ")(\w+)')
        | {figures.AMOUNT, figures.SHARE, figures.OTHER},
        (ONTOLOGY.classes | ONTOLOGY.properties)
        - ONTOLOGY.with_domain({"Subvention"})
        - {"Subvention", "FichierDeSubventions"},
        {
            **dict.fromkeys(COMPUTED, "computed when a release is built"),
            **dict.fromkeys(
                ("Rapprochement", "candidat", "cle", "colonne", "concerne", "jeuLie", "lignes"), "of links"
            ),
            **dict.fromkeys(("ValeurRetrouvee", "valeurRetrouvee"), "of links"),
            **dict.fromkeys(("rna", "siret"), "in other files"),
        },
    ),
    "what an import of subsidies writes": Table(
        terms("cper_lod/importing/subsidies/to_rdf.py", r'(?:CPER|SUBV) \+ "(\w+)"'),
        ONTOLOGY.with_domain({"Subvention"}),
    ),
    "numbers of bodies": Table(of(*reconciliation.CODES), ONTOLOGY.with_domain({ORG + "Organization"})),
    # Datatypes of other vocabularies.
    "datatypes that are looked for in quotations": Table(
        {each.removeprefix(XSD) for each in {*quotations._READERS, *quotations._NUMBERS}},
        ONTOLOGY.ranges(XSD),
        {"string": "a text", "boolean": "no word says it"},
    ),
    # Codes.
    "lists that no word extends": Table(
        of(*model.CLOSED),
        ONTOLOGY.closed_lists(),
        {
            "statut": "of no column that takes new words",
            "type-de-document": "",
            **dict.fromkeys(("compte", "nature"), "of subsidies"),
        },
    ),
    "the statuses of a contract": Table(of(*contract.STATUSES), ONTOLOGY.codes("statut")),
    "the statuses in JSON": Table(of(*resources._STATUSES, resources._PLANNED), ONTOLOGY.codes("statut")),
    "the natures that words tell": Table(of(*(name for name, _ in printed._NATURES)), NATURES, TOLD_BY_NUMBER),
    "the natures whose words stand before the number": Table(of(*observations._HEDGES), NATURES, TOLD_BY_NUMBER),
    "the natures that are drawn": Table(
        of(*bars._ARROWS), NATURES, {**TOLD_BY_NUMBER, "pres-de": "drawn like a rounded one"}
    ),
    "the natures in sentences": Table(terms("cper_lod/core/sentences.json", '^ "nature-(.*)": {'), NATURES),
    "the natures in JSON": Table(
        {*re.findall(r"[\w-]+", tomllib.loads(text(JSON_SHAPES))["Montant"]["nature"][2])}, NATURES
    ),
    "the natures in the rule of the sum": Table(
        natures("ontology/rules/3-somme-des-financeurs.rq"), NATURES, NO_INTERVAL
    ),
    "the natures in the rule of subdivisions": Table(
        natures("ontology/rules/4-montants-par-subdivision.rq"), NATURES, NO_INTERVAL
    ),
    "the natures of bounds in shapes": Table(natures("shapes/finance.ttl", r'"""(.*?)"""'), NATURES, NO_INTERVAL),
    "the signs of units": Table({*units.SIGNS}, ONTOLOGY.units()),
    "the units of imported figures": Table({*graph.UNITS.values()}, ONTOLOGY.units()),
    "the units of pages": Table(
        {each for each in ONTOLOGY.units() if units.shown_unit(CPER + "valeur", each)}, ONTOLOGY.units()
    ),
    "the units in shapes": Table(units_that_may_be_linked(), ONTOLOGY.units()),
    "the units per year, per inhabitant": Table(
        {f"euro-{each}" for each in printed._RATES.values()},
        {each for each in ONTOLOGY.codes("unite") if each.startswith("euro-")},
    ),
    "the steps of an import": Table(
        of(*registry.OUTCOMES),
        ONTOLOGY.codes("compte"),
        {"motif-de-refus": "a row for each reason", "remarque": "a row for each remark"},
    ),
    "the natures of aid": Table(
        {code for each in parse_cells._NATURES.values() for code in each.split()}, ONTOLOGY.codes("nature")
    ),
    "private bodies": Table(of(*actors._PRIVATE_KINDS), ONTOLOGY.codes("type-d-organisme"), PUBLIC),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_whole(name: str) -> None:
    held, due, left_out = TABLES[name]
    assert due, "nothing to compare"
    assert due - held == left_out.keys()


def _told_to_add_up() -> Iterator[str]:
    """Yield each text that says what may be added up: the ontology, the query page, and the documentation."""
    yield from (each.value for each in ONTOLOGY.graph.all(NamedNode(CPER + "valeur"), SKOS + "definition"))
    yield from (translate("query-measures", lang) for lang in LANGUAGES)
    for name in ("explanation/data", "fr/les-chiffres", "how-to/for-analysts", "fr/pour-les-analystes"):
        yield text(f"docs/{name}.md")


@pytest.mark.parametrize("said", [*_told_to_add_up()])
def test_what_may_be_added_up_is_said_in_one_sentence_with_every_measure(said: str) -> None:
    plain = " ".join(said.replace("*", "").split())
    (sentence,) = re.findall("(?:mesure|measure) \\(cper.{300,500}?(?:« dont »|“of which”)", plain.replace("`", ""))
    assert {*re.findall(r"cper:(\w+)", sentence)} == ONTOLOGY.measures | {"valeur"}


def test_every_term_of_ours_in_program_and_shapes_is_declared() -> None:
    declared = ONTOLOGY.classes | ONTOLOGY.properties
    folders = ("cper_lod", "ontology/questions", "ontology/rules", "shapes", "docs")
    suffixes = (".py", ".toml", ".html", ".json", ".rq", ".ttl", ".md")
    files = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes)
    named = {
        (path.relative_to(ROOT).as_posix(), term)
        for path in files
        for one, other in re.findall(
            r'\b(?:cper|liens|subv):([A-Za-z]+)|(?:CPER|LIENS|SUBV) \+ "([A-Za-z]+)"', path.read_text("utf-8")
        )
        if (term := one or other) not in declared
    }
    misspelt = {("docs/reference/sparql.md", "Partt"), ("docs/reference/sparql.md", "axe")}
    assert named == misspelt, "the documentation shows the answer to those"
