"""The JSON Schemas: valid themselves, fit for every resource of the release, and refusing what is not one."""

import copy
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource

from cper_lod.core.namespaces import BASE, CPER, DCT, ORG, RDF, SCHEMA, SKOS, XSD
from cper_lod.rdf import jsonld
from cper_lod.release.build.build import build_data
from cper_lod.release.docs import json_schema
from cper_lod.release.docs.constraints import Constraint, read_constraints
from cper_lod.release.docs.json_schema import key_schema
from cper_lod.release.documents import document
from cper_lod.release.release import Release
from tests.support.paths import ROOT

URL = "https://schemas.test"
CONTRACT = BASE + "id/contrat/hauts-de-france-2021-2027"
Doc = dict[str, Any]


def no_network(uri: str) -> Resource[Any]:
    raise NoSuchResource(uri)


class Files:
    """The schemas of a release as a client has them: each file by its name, and validators that fetch nothing."""

    def __init__(self, release: Release) -> None:
        made = json_schema.Schemas(release, URL)
        self.names = made.names()
        self.files = {name: json.loads(made.file(name) or b"") for name in self.names}
        resources = [
            (each["$id"], Resource.from_contents(each)) for name, each in self.files.items() if name != "index.json"
        ]
        self.registry: Registry[Any] = Registry(retrieve=no_network).with_resources(resources).crawl()

    def validator(self, name: str) -> Draft202012Validator:
        return Draft202012Validator(self.files[name], registry=self.registry)


@pytest.fixture(scope="module")
def files(release: Release) -> Files:
    """The schemas of the real release."""
    return Files(release)


def tree(release: Release, iri: str, address: str = "https://context.test/") -> Doc:
    found: Doc = json.loads(jsonld.write(document(release, iri).quads, iri, release.context, address=address))
    return found


def types(release: Release, iri: str) -> list[str]:
    start = f"<{iri}> <{RDF}type> <"
    return [line.decode()[len(start) :].partition(">")[0] for line in release.data.beginning(start.encode())]


def described(release: Release) -> list[str]:
    return list(dict.fromkeys(line.split(b" ", 1)[0][1:-1].decode() for line in release.data.beginning(b"<")))


# --- The files ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_schema_is_valid_itself_and_refers_to_files_that_exist(files: Files) -> None:
    assert {"index.json", "noeud.json", "cles.json", "ContratDePlan.json", "Axe.json", "Organisme.json"} <= set(
        files.names
    )
    assert len(files.names) == len(set(files.names)) > 50
    for name, each in files.files.items():
        Draft202012Validator.check_schema(each)
        assert each["$schema"] == json_schema.DRAFT
        assert each["$id"] == f"{URL}/schema/1.0.0/{name}"
        assert each["title"]
    led = {ref.partition("#")[0] for each in files.files.values() for ref in refs(each)} - {""}
    assert len(led) > 10
    assert led <= set(files.names)


def refs(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [each for inner in value.values() for each in refs(inner)]
    return [each for inner in value for each in refs(inner)] if isinstance(value, list) else []


def test_words_are_french_and_english(files: Files) -> None:
    axis = files.files["Axe.json"]
    assert axis["title"] == "axe / axis"
    assert axis["description"].startswith("Subdivision d'un contrat")
    assert "Subdivision of a contract" in axis["description"]
    assert axis["properties"]["sert"]["title"] == "sert / serves"
    titled = [name for name, each in files.files.items() if " / " in each["title"]]
    assert len(titled) > 40


def test_what_the_shapes_demand_stands_in_the_schema(files: Files) -> None:
    axis = files.files["Axe.json"]
    assert axis["required"] == ["type", "nom", "numero", "sert", "contrat", "enonce", "liste"]
    assert axis["properties"]["numero"]["minimum"] == 1
    assert axis["properties"]["contrat"] == {**axis["properties"]["contrat"], "$ref": "Contrat.json#/$defs/lien"}
    assert axis["properties"]["sert"]["items"] == {"$ref": "Priorite.json#/$defs/lien"}
    plan = files.files["ContratDePlan.json"]
    assert {"periode", "signature", "territoire", "priorite", "signePar"} <= set(plan["required"]), "of its superclass"
    keys = files.files["cles.json"]
    assert keys["dependentSchemas"]["montant"]["required"] == ["monnaie"]
    assert keys["dependentSchemas"]["siren"]["properties"]["siren"] == {"type": "string", "pattern": "^[0-9]{9}$"}
    assert files.files["Part.json"]["properties"]["produitPar"]["not"] == {}
    either = files.files["Periode.json"]["allOf"]
    assert either == [
        {"anyOf": [{"required": [key]} for key in keys]} for keys in (["debut", "debutLe"], ["fin", "finLe"])
    ]


def test_a_name_that_is_no_class_has_no_schema(release: Release) -> None:
    for name in ("Inconnue.json", "Axe", "axe.json", "nom.json", "", "../Axe.json", "cper.json"):
        assert json_schema.Schemas(release, URL).file(name) is None


def test_the_address_is_that_of_the_special_class(release: Release) -> None:
    assert (
        json_schema.address_for(release, [CPER + "Contrat", CPER + "ContratDePlan"])
        == "/schema/1.0.0/ContratDePlan.json"
    )
    assert json_schema.address_for(release, [SKOS + "Concept", CPER + "Axe"]) == "/schema/1.0.0/Axe.json"
    both = [SCHEMA + "GovernmentOrganization", ORG + "FormalOrganization"]
    assert json_schema.address_for(release, both) == "/schema/1.0.0/Organisme.json"
    assert json_schema.address_for(release, []) is None
    assert json_schema.address_for(release, ["http://e.org/Class", DCT + "title"]) is None


def test_bytes_are_the_same_each_time(release: Release) -> None:
    kept = json_schema.Schemas(release, URL)
    first = kept.file("index.json")
    assert first
    assert kept.file("index.json") is first
    assert json_schema.Schemas(release, URL).file("index.json") == first


# --- What fits ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_resource_fits_the_schema_of_its_class(release: Release, files: Files) -> None:
    validators = {name: files.validator(name) for name in files.names if name != "index.json"}
    looked = Counter[str]()
    for iri in described(release):
        address = json_schema.address_for(release, types(release, iri))
        assert address is not None, f"{iri} has no class with a key"
        name = address.rpartition("/")[2]
        faults = [error.message for error in validators[name].iter_errors(tree(release, iri))]
        assert faults == [], (iri, name)
        looked[name] += 1
    assert looked.total() > 500
    assert len(looked) > 40
    assert min(looked[f"{name}.json"] for name in ("Axe", "Part", "Signataire", "Engagement", "Enonce")) >= 3


def test_the_index_alone_validates_any_document(release: Release, files: Files) -> None:
    everything = Draft202012Validator(files.files["index.json"], registry=Registry(retrieve=no_network))
    for iri in (CONTRACT, CONTRACT + "/axe/6", BASE + "id/organisme/region-hauts-de-france", CPER + "Axe"):
        assert everything.is_valid(tree(release, iri)), iri
    wrong = tree(release, CONTRACT)
    wrong["priorite"][0]["axe"][0]["numero"] = "un"
    assert not everything.is_valid(wrong)


def test_other_forms_of_the_same_document_fit(release: Release, files: Files) -> None:
    written = jsonld.write(document(release, CONTRACT).quads, CONTRACT, release.context, address=None)
    assert files.validator("ContratDePlan.json").is_valid(json.loads(written)), "with the context in it"


@pytest.mark.parametrize("share", ["100", "100.0", "99.95", "+057.30", "0.0", "-0.0", ".5", 100, 0])
def test_a_share_within_bounds_fits_however_it_is_written(release: Release, files: Files, share: str | int) -> None:
    assert files.validator("Part.json").is_valid(tree(release, CONTRACT + "/part/axe-2") | {"pourcentage": share})


# --- What does not fit ----------------------------------------------------------------------------------------------


def first(plan: Doc, *steps: str) -> Doc:
    found: Any = plan
    for step in steps:
        found = found[step]
        found = found[0] if isinstance(found, list) else found
    assert isinstance(found, dict)
    return found


FAULTS: dict[str, Callable[[Doc], object]] = {
    "no id": lambda plan: plan.pop("id"),
    "no type": lambda plan: plan.pop("type"),
    "another type": lambda plan: plan.update(type="Axe"),
    "without the superclass": lambda plan: plan.update(type="ContratDePlan"),
    "no period": lambda plan: plan.pop("periode"),
    "no priority": lambda plan: plan.pop("priorite"),
    "one signatory": lambda plan: plan["signePar"].pop(),
    "an empty list of priorities": lambda plan: plan.update(priorite=[]),
    "one priority outside a list": lambda plan: plan.update(priorite=plan["priorite"][0]),
    "two signatures": lambda plan: plan.update(signature=[plan["signature"], {"id": "http://e.org/"}]),
    "a name as plain text": lambda plan: plan.update(nom="Contrat"),
    "a name that is a number": lambda plan: plan["nom"].update(fr=1),
    "a key that the context does not know": lambda plan: plan.update(montantt=1),
    "a period as a float": lambda plan: plan.update(periode=2021.5),
    "a priority that is of no class": lambda plan: plan["priorite"][0].pop("type"),
    "a priority that is an axis": lambda plan: plan.update(priorite=[plan["priorite"][0]["axe"][0]]),
    "a reference without its IRI": lambda plan: plan["territoire"].pop("id"),
    "a date as words": lambda plan: plan["signature"].update(date="hier"),
    "a year as a number": lambda plan: plan["periode"].update(debut=2021),
    "neither year nor day": lambda plan: plan["periode"].pop("debut"),
    "an amount as words": lambda plan: first(plan, "engagement").update(montant="994 M€"),
    "an amount as a float": lambda plan: first(plan, "engagement").update(montant=994.5),
    "an amount without its currency": lambda plan: first(plan, "engagement").pop("monnaie"),
    "a currency that is none": lambda plan: first(plan, "engagement").update(monnaie="http://e.org/EUR"),
    "an IRI that is none": lambda plan: first(plan, "engagement").update(monnaie="EUR"),
    "a share above 100": lambda plan: first(plan, "priorite", "axe", "part").update(pourcentage=101),
    "a share with digits above 100": lambda plan: first(plan, "priorite", "axe", "part").update(pourcentage="150.5"),
    "a share with digits below 0": lambda plan: first(plan, "priorite", "axe", "part").update(pourcentage="-1.5"),
    "a share that is computed": lambda plan: first(plan, "priorite", "axe", "part").update(
        produitPar={"id": "http://e.org/"}
    ),
    "a share without its words": lambda plan: first(plan, "priorite", "axe", "part").pop("valeurPubliee"),
    "an axis without a number": lambda plan: first(plan, "priorite", "axe").pop("numero"),
    "axis zero": lambda plan: first(plan, "priorite", "axe").update(numero=0),
    "a statement without a citation": lambda plan: first(plan, "signature", "enonce").pop("citation"),
    "a statement with two citations": lambda plan: first(plan, "signature", "enonce")["citation"].update(en="x"),
}


@pytest.fixture(scope="module")
def plan(release: Release, files: Files) -> Doc:
    """The contract, of which little is kept, so that looking at it takes little: one of each part, two signatories."""
    found = tree(release, CONTRACT)
    for key in ("priorite", "engagement", "coherentAvec", "enonce"):
        del found[key][1:]
    for key in ("avenant", "articuleAvec", "inclus", "valeurDerivee", "enveloppe"):
        del found[key]
    del found["signePar"][2:]
    assert files.validator("ContratDePlan.json").is_valid(found)
    return found


@pytest.mark.parametrize("fault", FAULTS)
def test_a_document_with_a_fault_is_refused(plan: Doc, files: Files, fault: str) -> None:
    validator = files.validator("ContratDePlan.json")
    spoilt = copy.deepcopy(plan)
    FAULTS[fault](spoilt)
    assert spoilt != plan
    assert not validator.is_valid(spoilt)


def test_a_number_of_a_body_is_checked(release: Release, files: Files) -> None:
    body = tree(release, BASE + "id/organisme/region-hauts-de-france")
    validator = files.validator("Organisme.json")
    assert validator.is_valid(body)
    assert not validator.is_valid({**body, "siren": "20005374"})
    assert not validator.is_valid({**body, "siren": 200053742})


# --- Data without shapes, and other constraints ----------------------------------------------------------------------

DATA = """
PREFIX : <http://e.org/>
PREFIX cper: <https://w3id.org/cper-lod/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX obeu-measure: <http://data.openbudgets.eu/ontology/dsd/measure/>
:a a cper:Contrat, :Other ; skos:prefLabel "plain", "dit"@fr, "dit aussi"@fr ;
  cper:engagement "text", :e, [ :p ( 1 :x ) ] ; skos:notation 7, "VII", 7.5 ;
  cper:priorite ( :p1 ) ; cper:part 1, true, "2"^^xsd:byte ; cper:natureDeLaValeur "<script>" .
:e a cper:Engagement ; obeu-measure:amount "words", 12.50, 13 ; cper:contrat :a .
:untyped cper:enonce :a, [ :p :q ] .
"""


def test_data_without_shapes_have_schemas_without_constraints(tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text(DATA, "utf-8")
    given = build_data(tmp_path / "releases", ROOT, (tmp_path / "data.ttl",))
    assert read_constraints(given).by_class == {}
    files = Files(given)
    assert files.files["Contrat.json"]["required"] == ["type"]
    assert files.files["Contrat.json"]["title"] == "Contrat"
    for name, iri in (("Contrat.json", "a"), ("Engagement.json", "e"), ("noeud.json", "untyped")):
        document_of_it = tree(given, f"http://e.org/{iri}")
        faults = [error.message for error in files.validator(name).iter_errors(document_of_it)]
        assert faults == [], document_of_it
    wrong = tree(given, "http://e.org/a")
    wrong["numero"] = "sept"
    assert not files.validator("Contrat.json").is_valid(wrong)


def test_constraints_are_joined() -> None:
    one = Constraint("p", min_count=1, max_count=9, datatype=XSD + "date")
    joined = one.merged(Constraint("p", min_count=2, max_count=3, datatype=XSD + "gYear", pattern="x"))
    assert joined == Constraint("p", min_count=2, max_count=3, datatype=XSD + "date", pattern="x")
    assert Constraint("p").merged(Constraint("p")) == Constraint("p")


@pytest.mark.parametrize(
    ("constraint", "key", "fits", "fails"),
    [
        (
            Constraint(SKOS + "exactMatch", node_kind="IRI", pattern="^http://w"),
            "identique",
            ["http://w"],
            ["http://x"],
        ),
        (
            Constraint(SKOS + "exactMatch", min_count=2, max_count=3),
            "identique",
            ["http://a", "http://b"],
            ["http://a"],
        ),
        (
            Constraint(DCT + "license", node_kind="IRI", pattern="^http://w"),
            "licence",
            {"id": "http://w"},
            {"id": "http://x"},
        ),
        (Constraint(SKOS + "prefLabel", max_count=1), "nom", {"fr": "un"}, {"fr": "un", "en": "one"}),
        (Constraint(SKOS + "prefLabel", max_length=3), "nom", {"fr": "un"}, {"fr": "trois"}),
        (Constraint(DCT + "issued", datatype=XSD + "date", max_count=1), "publieLe", "2023-01-09", "2023"),
        (Constraint(DCT + "modified", datatype=XSD + "date"), "modifieLe", ["2023-01-09", "2023-01-10"], []),
    ],
)
def test_each_constraint_has_its_schema(
    release: Release, files: Files, constraint: Constraint, key: str, fits: object, fails: object
) -> None:
    term = next(each for each in release.context.terms if each.name == key)
    made = {"$id": f"{URL}/schema/1.0.0/x.json", **key_schema(constraint, term, release.context, only_key=True)}
    validator = Draft202012Validator(made, registry=files.registry)
    assert validator.is_valid(fits)
    assert not validator.is_valid(fails)
