"""Tables of terms: what stands in the program, the context, the questions, the rules and the shapes is whole.

What each table has to hold is derived from the ontology; what it leaves out on purpose is named here, with the reason.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from cper_lod.core import namespaces, units
from cper_lod.core.namespaces import BASE, CPER, ORG, OWL, QB, RDF, RDFS, SCHEMA, SKOS, XSD, shorten
from cper_lod.importing.contracts import actors, figures, graph, model, printed
from cper_lod.importing.subsidies import parse_cells
from cper_lod.linking import reconciliation
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from cper_lod.release.build import index_search
from cper_lod.release.check import quotations
from cper_lod.release.history import changes
from cper_lod.release.pictures import bars
from cper_lod.release.plan import contract, listed, observations
from cper_lod.web.api import resources, schemas
from cper_lod.web.components import groups, view
from cper_lod.web.thing_pages import registry
from tests.support.paths import ROOT

Names = set[str]
FILES = sorted((ROOT / "ontology").glob("*.ttl"))
CODES = f"{BASE}id/code/"


QUDT = "http://qudt.org/vocab/unit/"
CONTRACTS = "".join(path.read_text("utf-8") for path in sorted((ROOT / "data" / "contracts").glob("*.ttl")))


class Ontology:
    """What the ontology says of its terms, by their short names: those of our namespace without a prefix."""

    def __init__(self, added: str = "") -> None:
        prefixes = "".join(f"@prefix {prefix}: <{iri}> . " for prefix, iri in namespaces.PREFIXES.items())
        more = parse(prefixes + added, RdfFormat.TURTLE)
        self.graph = Graph([*(quad for path in FILES for quad in read(path)), *more])
        self.classes = self.of(OWL + "Class")
        self.properties = self.of(OWL + "ObjectProperty") | self.of(OWL + "DatatypeProperty")
        self.data_properties = self.of(OWL + "DatatypeProperty")
        self.datatypes = self.of(RDFS + "Datatype")
        self.figures = {each for each in self.classes if each in self.below("Chiffre") | self.domain("valeur")}
        self.of_figures = self.with_domain(self.figures)
        self.measures = self.of_figures & self.of(QB + "MeasureProperty")

    def of(self, cls: str) -> Names:
        """Return our terms of a class."""
        nodes = (each for each in self.graph.subjects() if isinstance(each, NamedNode) and each.value.startswith(CPER))
        return {each.value.removeprefix(CPER) for each in nodes if cls in self.graph.types(each)}

    def values(self, term: str, predicate: str) -> Names:
        return {each.value.removeprefix(CPER) for each in self.graph.all(NamedNode(CPER + term), predicate)}

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
        used = re.findall("sdmx-attribute:unitMeasure <(.*?)>", CONTRACTS)
        return {each for each in declared if each.startswith(QUDT)} | {
            each for each in used if not each.startswith(BASE)
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
# A term of each kind that tables hold.
ADDED = (
    """
cper:Nouvelle a owl:Class ; rdfs:subClassOf cper:Chiffre .
cper:nouveauMontant a owl:DatatypeProperty, qb:MeasureProperty ; rdfs:domain cper:Montant ; rdfs:range xsd:decimal .
cper:nouveauNombre a owl:DatatypeProperty ; rdfs:domain cper:Chiffre ; rdfs:range cper:nombre .
cper:nouveauTexte a owl:DatatypeProperty ; rdfs:domain cper:Chiffre ; rdfs:range rdf:langString .
cper:nouvelleDate a owl:DatatypeProperty ; rdfs:domain cper:Contrat ; rdfs:range xsd:time .
cper:nouveauType a rdfs:Datatype .
cper:nouveauLien a owl:ObjectProperty ; rdfs:domain cper:Chiffre ; rdfs:range cper:Chiffre .
cper:nouvelleDimension a owl:ObjectProperty, qb:DimensionProperty ; rdfs:domain cper:Chiffre ; rdfs:range skos:Concept .
cper:nouveauNumero a owl:DatatypeProperty ; rdfs:domain org:Organization ; rdfs:range xsd:string .
cper:nouvelleColonne a owl:DatatypeProperty ; rdfs:domain cper:Subvention ; rdfs:range xsd:decimal .
cper:contrat schema:domainIncludes cper:Nouvelle .
<http://qudt.org/vocab/unit/NOUVELLE> a skos:Concept .
"""
    + "".join(
        f"<{CODES}{name}> skos:definition 'Fermée.'@fr . <{CODES}{name}/nouveau> skos:inScheme <{CODES}{name}> . "
        for name in ("nature-de-la-valeur", "statut", "unite", "compte", "nature", "type-d-organisme", "nouvelle-liste")
    )
    + f"<{CODES}unite/euro-par-essai> skos:inScheme <{CODES}unite> ."
)


WITH_NEW_TERMS = Ontology(ADDED)


class Table(NamedTuple):
    """What stands in a table, what the ontology says has to, and what is left out, with the reason."""

    held: Callable[[str], Names]
    """Given the text of the file, if the table is in one that is read as text."""
    due: Callable[[Ontology], Names]
    left_out: Mapping[str, str] = MappingProxyType({})
    file: str = ""

    def text(self) -> str:
        return (ROOT / self.file).read_text("utf-8") if self.file else ""

    def missing(self, ontology: Ontology, text: str) -> Names:
        return self.due(ontology) - self.held(text) - self.left_out.keys()


def of(*names: str) -> Callable[[str], Names]:
    """Return what returns these names, without our namespace."""
    return lambda _: {each.removeprefix(CPER).removeprefix("cper:") for each in names}


def lists(pattern: str, *, least: int = 2) -> Callable[[str], Names]:
    """Return what returns the terms that stand in all lists which a pattern finds, of so many terms at least."""

    def held(text: str) -> Names:
        found = [{*re.findall(r"cper:(\w+)", match)} for match in re.findall(pattern, text, re.DOTALL)]
        return set.intersection(*([each for each in found if len(each) >= least] or [set()]))

    return held


def natures(pattern: str, query: str = r'"""(.*?)"""') -> Callable[[str], Names]:
    """Return what returns the natures that all queries name which name any."""

    def held(text: str) -> Names:
        found = [{*re.findall(pattern, each)} for each in re.findall(query, text, re.DOTALL)]
        return set.intersection(*([each for each in found if each] or [set()]))

    return held


def toml(name: str) -> Callable[[str], Names]:
    """Return what returns the terms of a row of a table in TOML."""
    return lambda text: {*re.findall(r"cper:(\w+)", str(tomllib.loads(text)[name]))}


def keys_of_context(text: str) -> Names:
    """Return the terms that have a key in the context, with the type that their range asks for."""
    found = set[str]()
    for value in json.loads(text)["@context"].values():
        definition = value if isinstance(value, dict) else {"@id": value}
        name = str(definition.get("@id")).removeprefix("cper:")
        if name in ONTOLOGY.classes | ONTOLOGY.properties:
            type_ = min(ONTOLOGY.values(name, RDFS + "range"), default="")
            if name not in ONTOLOGY.data_properties:
                key, wanted = "@id", f"cper:{name}"
            elif type_ == RDF + "langString":
                key, wanted = "@container", "@language"
            elif type_ == XSD + "string":
                key, wanted = "@language", None
            else:
                key, wanted = "@type", shorten(type_) if "#" in type_ else f"cper:{type_}"
            found |= {name} if definition.get(key, "") == wanted else set()
    return found


def members_of_json(text: str) -> Names:
    """Return the properties that members of each shape of the plain JSON say, after the name of the shape."""
    shapes = tomllib.loads(text)
    return {
        f"{shape}.{term}"
        for shape in schemas.THINGS
        for term in re.findall(
            r"cper:([a-z]\w+)", str(shapes[shape] | shapes.get(shapes[shape]["_"][0].split()[0], {}))
        )
    }


def members_due(ontology: Ontology) -> Names:
    """Return the properties of the classes of each shape; statements and sums are said by functions."""
    due = set[str]()
    for cls in ontology.classes:
        if kind := schemas.TYPES.get(CPER + cls):
            own = ontology.with_domain({cls}) - ontology.measures - {"enonce"}
            due |= {f"{kind}.{each}" for each in own}
    return due


def pattern_of_units(text: str) -> str:
    """Return the pattern of the units that may be linked, without its escapes."""
    (pattern,) = re.findall(r'sh:path sdmx-attribute:unitMeasure ;\s+sh:pattern "(.*)"', text)
    return str(pattern).replace("[.]", ".")


def subsidy_codes(text: str) -> Names:
    return {*re.findall(r'CPER \+ "(\w+)"', text)}


def natures_due(ontology: Ontology) -> Names:
    return ontology.codes("nature-de-la-valeur")


def links_of_figures(ontology: Ontology) -> Names:
    return ontology.with_domain(ontology.figures) & ontology.with_range(*ontology.figures)


SHAPES = "".join(path.read_text("utf-8") for path in sorted((ROOT / "shapes").glob("*.ttl")))
QUESTIONS = "".join(path.read_text("utf-8") for path in sorted((ROOT / "ontology" / "questions").glob("*.rq")))
IMPORTING = "".join(
    path.read_text("utf-8")
    for path in sorted((ROOT / "cper_lod" / "importing" / "contracts").iterdir())
    if path.suffix in (".py", ".toml")
)
COMPUTED = ("ValeurDerivee", "borneInferieure", "borneSuperieure", "hypothese", *observations.MEASURES)
NO_INTERVAL = {"parts-egales": "has no number"}
TOLD_BY_NUMBER = {
    "exact": "the number alone tells it",
    "arrondi": "the number alone tells it",
    "parts-egales": "no number",
}
OWN_SECTION = {"Document": "among words", "Enonce": "among words"}
RULES = "ontology/rules/3-somme-des-financeurs.rq"
PUBLIC = dict.fromkeys(
    ("commune", "departement", "epci", "etablissement-public", "etat", "groupe", "region", "union-europeenne"), "public"
)

TABLES = {
    # Figures, their measures and numbers.
    "the classes of figures": Table(of(*observations.FIGURES), lambda o: o.figures),
    "the measures": Table(of(*observations.MEASURES), lambda o: o.measures),
    "the sums in JSON": Table(of(*resources.SUMS), lambda o: o.measures),
    "numbers in the unit of their figure": Table(of(*units.IN_UNIT), lambda o: o.with_range("nombre")),
    "decimals with a unit": Table(
        lambda _: {each for each in ONTOLOGY.with_range(XSD + "decimal") if units.unit_of(CPER + each, "")},
        lambda o: o.with_range(XSD + "decimal"),
    ),
    "what is in the column of a figure": Table(of(*listed._OF_FIGURES), lambda o: o.measures | o.with_range("nombre")),
    "the kind of page of a figure": Table(
        toml("figure"), lambda o: o.figures, file="cper_lod/web/thing_pages/kinds.toml"
    ),
    "the measures that its page tells in words": Table(
        toml("figure"), lambda o: o.measures, file="cper_lod/web/thing_pages/kinds.toml"
    ),
    "datatypes of numbers that do not add up": Table(of(namespaces.NUMBER), lambda o: o.datatypes),
    "datatypes of numbers in JSON": Table(of(*resources._NUMBERS), lambda o: o.datatypes),
    "datatypes of numbers on pages": Table(of(*view._NUMBERS), lambda o: o.datatypes),
    "datatypes of numbers in changes": Table(of(*changes._NUMBERS), lambda o: o.datatypes),
    "datatypes that are searched": Table(
        of(*index_search.TEXT_DATATYPES), lambda o: o.datatypes, {"nombre": "searched as it is printed"}
    ),
    "measures in questions": Table(
        lambda text: {*re.findall(r"cper:(\w+)", " ".join(re.findall(r"VALUES \?mesure \{(.*?)\}", text)))},
        lambda o: o.measures,
        file="ontology/questions/sommes-par-mesure.rq",
    ),
    "figures in questions": Table(
        lists(r"VALUES \?classe \{(.*?)\}"), lambda o: o.below("Chiffre"), file="ontology/questions/chiffres-et-mots.rq"
    ),
    "links of figures in questions": Table(
        lists(r"VALUES \?lien \{(.*?)\}"), links_of_figures, file="ontology/questions/chiffres-lies.rq"
    ),
    "measures in rules": Table(
        lists(r"VALUES \([^)]*\) \{(.*?)\n  \}"),
        lambda o: o.measures,
        {"montantTotal": "a rule of its own, before it"},
        "ontology/rules/2-mesures.rq",
    ),
    "links that keep a figure out of sums": Table(
        lists(r"FILTER NOT EXISTS \{ \?\w+ ([^ ]*\|[^ ]*)"),
        links_of_figures,
        {"composeDe": "the whole is not kept out"},
        "ontology/rules/2-mesures.rq",
    ),
    "why a figure is in no sum": Table(
        of(*observations._EXCLUDING), links_of_figures, {"composeDe": "the whole is not kept out"}
    ),
    "measures in shapes": Table(
        lists(r"\((cper:\w*(?:\|cper:\w*)+)\)", least=5), lambda o: o.measures, file="shapes/finance.ttl"
    ),
    "measures in structures": Table(
        lambda text: {*re.findall(r"qb:measure cper:(\w+)", text)}, lambda o: o.measures, file="ontology/structures.ttl"
    ),
    "dimensions and attributes in structures": Table(
        lambda text: {*re.findall(r"qb:(?:dimension|attribute) cper:(\w+)", text)},
        lambda o: o.of(QB + "DimensionProperty") | o.of(QB + "AttributeProperty"),
        file="ontology/structures.ttl",
    ),
    # Classes.
    "the order of classes": Table(
        of(*groups._FIRST),
        lambda o: o.classes,
        {
            **OWN_SECTION,
            **dict.fromkeys(("Rapprochement", "ValeurRetrouvee"), "no part of a contract"),
            "Subvention": "after those of the contract",
            "FichierDeSubventions": "after those of the contract",
        },
    ),
    "the shapes of the plain JSON": Table(
        of(*schemas.TYPES),
        lambda o: o.classes,
        dict.fromkeys(("FichierDeSubventions", "Rapprochement", "ValeurRetrouvee"), "in the shape of any resource"),
    ),
    "what is read of a contract": Table(
        of(*contract._PARTS),
        lambda o: {each for each in o.classes if each in o.domain("contrat")},
        {
            "Groupe": "read where it funds",
            "Signataire": "read with the step",
            "Subvention": "only counted",
            "FichierDeSubventions": "only counted",
        },
    ),
    "the classes that a shape targets": Table(
        lambda _: {*re.findall(r"cper:(\w+)", " ".join(re.findall("sh:targetClass([^;.]*)", SHAPES)))},
        lambda o: o.classes,
        {"FichierDeSubventions": "its properties have shapes"},
    ),
    "the parts of a contract, in shapes": Table(
        lists(r"sh:path cper:contrat ;\s+sh:targetClass([^;.]*)"),
        lambda o: {each for each in o.classes if each in o.domain("contrat")},
        {"FichierDeSubventions": "its rows belong to the contract"},
        "shapes/contract.ttl",
    ),
    "the keys of the context": Table(
        keys_of_context, lambda o: o.classes | o.properties, file="ontology/context/2.0.0.jsonld"
    ),
    "what questions use": Table(lambda _: {*re.findall(r"cper:(\w+)", QUESTIONS)}, lambda o: o.classes | o.properties),
    "what shapes use": Table(
        lambda _: {*re.findall(r"cper:(\w+)", SHAPES)},
        lambda o: o.properties,
        dict.fromkeys(
            ("conditionsDeVersement", "dispositif", "notificationUE", "rae"),
            "as the file says it; the importer reads it",
        ),
    ),
    "the members of the plain JSON": Table(
        members_of_json,
        members_due,
        {"Chiffre.pas": "the digits of `texte` show it", "Subdivision.jeuLie": "each of its `liens` names it"},
        "cper_lod/web/api/shapes.toml",
    ),
    "what an import of contracts says": Table(
        lambda _: {
            *re.findall(r'(?:cper:|CPER \+ ")(\w+)', IMPORTING),
            *(figures.AMOUNT, figures.SHARE, figures.OTHER),
        },
        lambda o: (o.classes | o.properties) - o.with_domain({"Subvention"}) - {"Subvention", "FichierDeSubventions"},
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
        subsidy_codes, lambda o: o.with_domain({"Subvention"}), file="cper_lod/importing/subsidies/to_rdf.py"
    ),
    "numbers of bodies": Table(of(*reconciliation.CODES), lambda o: o.with_domain({ORG + "Organization"})),
    # Datatypes of other vocabularies.
    "datatypes that are looked for in quotations": Table(
        lambda _: {each.removeprefix(XSD) for each in {*quotations._READERS, *quotations._NUMBERS}},
        lambda o: o.ranges(XSD),
        {"string": "a text", "boolean": "no word says it"},
    ),
    # Codes.
    "lists that no word extends": Table(
        of(*model.CLOSED),
        lambda o: o.closed_lists(),
        {
            "statut": "of no column that takes new words",
            "type-de-document": "",
            "compte": "of subsidies",
            "nature": "of subsidies",
        },
    ),
    "the statuses of a contract": Table(of(*contract.STATUSES), lambda o: o.codes("statut")),
    "the statuses in JSON": Table(of(*resources._STATUSES, resources._PLANNED), lambda o: o.codes("statut")),
    "the natures that words tell": Table(of(*(name for name, _ in printed._NATURES)), natures_due, TOLD_BY_NUMBER),
    "the natures whose words stand before the number": Table(of(*observations._HEDGES), natures_due, TOLD_BY_NUMBER),
    "the natures that are drawn": Table(
        of(*bars._ARROWS), natures_due, {**TOLD_BY_NUMBER, "pres-de": "drawn like a rounded one"}
    ),
    "the natures in sentences": Table(
        lambda text: {*re.findall('^ "nature-(.*)": {', text, re.MULTILINE)},
        natures_due,
        file="cper_lod/core/sentences.json",
    ),
    "the natures in JSON": Table(
        lambda text: {*re.findall(r"[\w-]+", tomllib.loads(text)["Montant"]["nature"][2])},
        natures_due,
        file="cper_lod/web/api/shapes.toml",
    ),
    "the natures in the rule of the sum": Table(
        natures(r"nature:([\w-]+)", "^(.*)$"), natures_due, {**NO_INTERVAL, "exact": "the value"}, RULES
    ),
    "the natures in the rule of subdivisions": Table(
        natures(r"nature:([\w-]+)", "^(.*)$"),
        natures_due,
        {**NO_INTERVAL, "exact": "the value"},
        "ontology/rules/4-montants-par-subdivision.rq",
    ),
    "the natures of bounds in shapes": Table(
        natures(r"nature:([\w-]+)"), natures_due, {**NO_INTERVAL, "exact": "the value"}, "shapes/finance.ttl"
    ),
    "the signs of units": Table(lambda _: {*units.SIGNS}, Ontology.units),
    "the units of imported figures": Table(lambda _: {*graph.UNITS.values()}, Ontology.units),
    "the units of pages": Table(
        lambda _: {each for each in ONTOLOGY.units() if units.shown_unit(CPER + "valeur", each)}, Ontology.units
    ),
    "the units in shapes": Table(
        lambda text: {*re.findall(r"http:[^|$)(]+(?=\$)", pattern_of_units(text))},
        Ontology.units,
        file="shapes/links.ttl",
    ),
    "the units per year, per inhabitant": Table(
        lambda _: {f"euro-{each}" for each in printed._RATES.values()},
        lambda o: {each for each in o.codes("unite") if each.startswith("euro-")},
    ),
    "the steps of an import": Table(
        of(*registry.OUTCOMES),
        lambda o: o.codes("compte"),
        {"motif-de-refus": "a row for each reason", "remarque": "a row for each remark"},
    ),
    "the natures of aid": Table(
        lambda _: {code for each in parse_cells._NATURES.values() for code in each.split()}, lambda o: o.codes("nature")
    ),
    "private bodies": Table(of(*actors._PRIVATE_KINDS), lambda o: o.codes("type-d-organisme"), PUBLIC),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_whole(name: str) -> None:
    each = TABLES[name]
    assert each.missing(ONTOLOGY, each.text()) == set()
    held, due = each.held(each.text()), each.due(ONTOLOGY)
    assert due, "nothing to compare"
    assert not each.left_out.keys() & held, "no longer left out"
    assert each.left_out.keys() <= due, "no term of the ontology"


@pytest.mark.parametrize("name", TABLES)
def test_a_new_term_is_missing_in_each_table(name: str) -> None:
    each = TABLES[name]
    missing = each.missing(WITH_NEW_TERMS, each.text())
    assert missing
    assert all("nouv" in term or term in ("time", "euro-par-essai") for term in map(str.lower, missing))


def test_every_term_of_ours_in_program_and_shapes_is_declared() -> None:
    declared = ONTOLOGY.classes | ONTOLOGY.properties | ONTOLOGY.datatypes
    folders = ("cper_lod", "ontology/questions", "ontology/rules", "shapes", "docs")
    files = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES)
    named = {
        (path.relative_to(ROOT).as_posix(), term)
        for path in files
        for one, other in re.findall(r'\bcper:([A-Za-z]+)|CPER \+ "([A-Za-z]+)"', path.read_text("utf-8"))
        if (term := one or other) not in declared
    }
    assert named == MISTAKES


MISTAKES = {("docs/reference/sparql.md", "Partt"), ("docs/reference/sparql.md", "axe")}
"""Terms that the documentation misspells, to show the answer to them."""
SUFFIXES = (".py", ".toml", ".html", ".json", ".rq", ".ttl", ".md")
