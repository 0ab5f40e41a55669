"""Facts and their words: each kind of corrupted fact of the real contract is a violation that names it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import CPER, PREFIXES, RDF, RDFS, SCHEMA, shorten
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.report import Finding
from cper_lod.release.check import published
from cper_lod.release.check.facts import ATTESTED
from cper_lod.release.sources.read import Sources, read_sources
from cper_lod.release.storage.quad_file import QuadFile
from tests.support.corruption import fact_findings
from tests.support.paths import ROOT

DOMAINS, BELOW = (RDFS + "domain", SCHEMA + "domainIncludes"), RDFS + "subClassOf"
MEASURE = NamedNode(PREFIXES["qb"] + "MeasureProperty")
Corrupted = Callable[[str, dict[str, str]], Sources]


@pytest.fixture(scope="module")
def sources() -> Sources:
    """Return the real sources."""
    return read_sources(ROOT)


@pytest.fixture(scope="module", autouse=True)
def ontology_read_once() -> Iterator[None]:
    """Make a graph of the ontology, which no test corrupts, for the first check only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(published, "Graph", cache(Graph))
        yield


@pytest.fixture(scope="module")
def known(sources: Sources) -> list[Finding]:
    return list(fact_findings(sources))


@pytest.fixture(scope="module")
def lines(sources: Sources) -> list[str]:
    """Return the published lines."""
    return [line.decode() for line in sources.published.lines()]


@pytest.fixture
def corrupted(sources: Sources, lines: list[str], tmp_path: Path) -> Corrupted:
    """Return what makes sources in which parts of the lines that a pattern finds are replaced."""

    def make(pattern: str, parts: dict[str, str]) -> Sources:
        chosen, changed = re.compile(pattern), lines
        for old, new in parts.items():
            before = changed
            changed = [line.replace(old, new) if old in line and chosen.search(line) else line for line in before]
            assert changed != before, f"no line of {pattern} has {old}"
        file = tmp_path / "changed.nq"
        file.write_bytes(b"".join(sorted({f"{each}\n".encode() for each in changed})))
        return replace(sources, whole_dump=replace(sources.whole_dump, quads=QuadFile(file)))

    return make


def test_the_real_facts_stand_in_their_words(sources: Sources) -> None:
    assert list(fact_findings(sources)) == []
    statements = [line for line in sources.published.lines() if f"<{CPER}atteste>".encode() in line]
    assert len(statements) > 50


# Each case: a pattern of the lines, a part of them, what it becomes, and the property that the finding names.
CORRUPTIONS = {
    # A fact against its own words.
    "a day": (r"etape/signature> <\S+date>", '"2023-01-09"', '"2023-01-19"', "dct:date"),
    "a month": (r"etape/signature> <\S+date>", '"2023-01-09"', '"2023-10-09"', "dct:date"),
    "a year of a day": (r"etape/signature> <\S+date>", '"2023-01-09"', '"2022-01-09"', "dct:date"),
    "the day of the document": (r"communique-2023-01-09> <\S+issued>", '"2023-01-09"', '"2023-01-08"', "dct:issued"),
    "a planned year": (r"avenant-mobilites-prevu> <\S+date>", '"2023"', '"2024"', "dct:date"),
    "the first year": (r"periode> <\S+startDate>", '"2021"', '"2020"', "dcat:startDate"),
    "the last year": (r"periode> <\S+endDate>", '"2027"', '"2026"', "dcat:endDate"),
    "an amount": (r"montant/etat> <\S+valeur>", "994000000", "944000000", "cper:valeur"),
    "an amount a thousand times": (r"montant/etat> <\S+valeur>", "000000994000000", "000000000994000", "cper:valeur"),
    "an amount for a share": (r"montant/etat> <\S+valeur>", "000000994000000", "000000000000036", "cper:valeur"),
    "a total": (r"montant/total> <\S+valeur>", "002700000000", "002800000000", "cper:valeur"),
    "a share": (r"part/axe-2> <\S+valeur>", "057.3", "053.7", "cper:valeur"),
    "a share of another axis": (r"part/axe-3> <\S+valeur>", "008.8", "014.8", "cper:valeur"),
    "a share for an amount": (r"part/etat> <\S+valeur>", "000036", "000994", "cper:valeur"),
    "a nature": (r"montant/total> <\S+nature>", "/plus-de", "/moins-de", "cper:nature"),
    "a published wording": (r"part/axe-2> <\S+valeurPubliee>", "57,3%", "57,8%", "cper:valeurPubliee"),
    "a wording of an amount": (r"montant/etat> <\S+valeurPubliee>", "994 M€", "994 Md€", "cper:valeurPubliee"),
    "the number of an axis": (r"axe/3> <\S+notation>", '"3"', '"7"', "skos:notation"),
    "a title": (
        r"axe/3> <\S+prefLabel>",
        "Lutter contre les exclusions",
        "Lutter contre la pauvreté",
        "skos:prefLabel",
    ),
    "a title without accents": (r"axe/1> <\S+prefLabel>", "Accélérer", "Accelerer", "skos:prefLabel"),
    "a title cut short": (r"axe/2> <\S+prefLabel>", "Soutenir les territoires", "Soutenir", "skos:prefLabel"),
    "a title with a word more": (
        r"axe/2> <\S+prefLabel>",
        'les territoires"@fr',
        'les territoires ruraux"@fr',
        "skos:prefLabel",
    ),
    "a title of another axis": (
        r"axe/2> <\S+prefLabel>",
        "Soutenir les territoires",
        "Lutter contre les exclusions",
        "skos:prefLabel",
    ),
    "the title of a priority": (
        r"priorite/1> <\S+prefLabel>",
        'la transition"@fr',
        'la transition numérique"@fr',
        "skos:prefLabel",
    ),
    "a description": (r"priorite/1> <\S+description>", "décarbonation", "croissance", "dct:description"),
    "a negated description": (r"priorite/1> <\S+description>", "en préservant", "sans préserver", "dct:description"),
    "an omission in the wrong order": (
        r"priorite/2> <\S+description>",
        "et soutenir les territoires […] et la lutte contre les exclusions",
        "et la lutte contre les exclusions […] et soutenir les territoires",
        "dct:description",
    ),
    "a telephone number": (r"hasTelephone>", "tel:+33320305250", "tel:+33320305251", "vcard:hasTelephone"),
    "an e-mail address": (r"hasEmail>", "mailto:pref-communication@", "mailto:communication@", "vcard:hasEmail"),
    "a postal code": (r"postal-code>", '"59039"', '"59093"', "vcard:postal-code"),
    "a locality": (r"locality>", "Lille Cedex", "Lens Cedex", "vcard:locality"),
    "a street": (r"street-address>", "12-14, rue", "12-16, rue", "vcard:street-address"),
    "the issuer": (r"vcard/ns#fn>", "interministérielle", "interdépartementale", "vcard:fn"),
    "the title of the document": (r"communique-2023-01-09> <\S+title>", "ÉTAT-REGION", "ÉTAT-COMMUNES", "dct:title"),
    "a status": (r"avenant-mobilites-prevu> <\S+status>", "statut/prevu", "statut/signe", "adms:status"),
    "the status of a signing": (r"etape/signature> <\S+status>", "statut/signe", "statut/approuve", "adms:status"),
    "a scope": (r"montant/total> <\S+perimetre>", "hors-mobilites", "relance", "cper:perimetre"),
    "a document of another contract": (
        r"hauts-de-france-2021-2027/enonce/montant-etat> <\S+wasQuotedFrom>",
        "communique-2023-01-09",
        "bretagne-abp",
        "prov:wasQuotedFrom",
    ),
    "what is counted": (
        r"chiffre/nombre-defis> <\S+valeurPubliee>",
        "5 défis",
        "5 priorités",
        "sdmx-attribute:unitMeasure",
    ),
    "a rank for a count": (
        r"chiffre/nombre-defis> <\S+valeurPubliee>",
        "5 défis",
        "Défi 5",
        "sdmx-attribute:unitMeasure",
    ),
    "a region within its prefecture": (
        r"communique-2023-01-09> <\S+publisher>",
        "prefecture-de-la-region-hauts-de-france",
        "region-hauts-de-france",
        "dct:publisher",
    ),
    "the axis of an amendment": (r"avenant/mobilites> <\S+subdivision>", "axe/5", "axe/6", "cper:subdivision"),
    "the axis of a share": (r"part/axe-2> <\S+subdivision>", "axe/2", "axe/3", "cper:subdivision"),
    "the priority of an axis": (r"axe/4> <\S+broader>", "priorite/3", "priorite/4", "skos:broader"),
    "who pays": (r"montant/etat> <\S+financeur>", "organisme/etat", "groupe/autres", "cper:financeur"),
    "who else pays": (
        r"montant/region> <\S+financeur>",
        "organisme/region-hauts-de-france",
        "organisme/departement-nord",
        "cper:financeur",
    ),
    "a place without accents": (
        r"lieu/prefecture-du-nord> <\S+prefLabel>",
        "préfecture du Nord",
        "prefecture du Nord",
        "prov:atLocation",
    ),
    "a place cut short in a compound": (
        r"enonce/signature-lieu> <\S+exact>",
        "du Nord",
        "du Nord-Est",
        "prov:atLocation",
    ),
    "a place": (r"etape/signature> <\S+atLocation>", "lieu/prefecture-du-nord", "territoire/lille", "prov:atLocation"),
    "the place of the document": (
        r"<\S+locationCreated>",
        "territoire/lille",
        "territoire/aisne",
        "schema:locationCreated",
    ),
    "a territory": (
        r"contrat/hauts-de-france-2021-2027> <\S+territoire>",
        "hauts-de-france> .",
        "aisne> .",
        "cper:territoire",
    ),
    "a scheme": (r"cadre/sraddet> <\S+prefLabel>", '"SRADDET"@fr', '"SRCAE"@fr', "skos:prefLabel"),
    "a signatory less": (r"hauts-de-france-2021-2027> <\S+signePar> <\S+-oise>", "-oise", "-aisne", "cper:signePar"),
    "what a share is of": (
        r"part/axe-1> <\S+partDe>",
        "denominateur/credits",
        "denominateur/montants-par-financeur",
        "cper:partDe",
    ),
    "what is said of the contract": (r"2021-2027> <\S+scopeNote>", "communes", "locales", "skos:scopeNote"),
    "where to read the agreement": (
        r"2021-2027> <\S+seeAlso>",
        "gouv.fr/hauts-de-france",
        "gouv.fr/bretagne",
        "rdfs:seeAlso",
    ),
    "a description of nothing": (
        r"priorite/4> <\S+description>",
        '"et coordonner la stratégie de la connaissance"@fr',
        '"[…]"@fr',
        "dct:description",
    ),
    # A literal with a figure, or a description, without a statement; figures of a translation, of a rounding step.
    "a figure in a note": (r"avenant/mobilites> <\S+note>", "Prévu en 2023", "Prévu en 2025", "skos:note"),
    "a figure in a reason": (r"part/axe-5> <\S+motif>", "prévu en 2023", "prévu en 2032", "cper:motif"),
    "a figure of a translation": (r"part/axe-5> <\S+motif>", "planned for 2023", "planned for 2032", "cper:motif"),
    "a figure in a label": (r"part/axe-2> <\S+prefLabel>", "l'axe 2", "l'axe 4", "skos:prefLabel"),
    "a rounding step": (r"part/axe-2> <\S+pas>", "000.1", "001", "cper:pas"),
    "a step of an amount": (r"montant/etat> <\S+pas>", "001000000", "000001000", "cper:pas"),
    # A triple against another one.
    "a SIREN": (r"organisme/region-hauts-de-france> <\S+siren>", "200053742", "200053743", "cper:siren"),
    "a SIRET": (r"organisme/region-hauts-de-france> <\S+siret>", "20005374200017", "20005374200071", "cper:siret"),
    "an Insee IRI": (
        r"territoire/nord> <\S+exactMatch> <http://id.insee",
        "departement/59",
        "departement/60",
        "skos:exactMatch",
    ),
    "the authority of a department": (
        r"territoire/nord> <\S+exactMatch>",
        "FRA_DPT_059",
        "FRA_DPT_062",
        "skos:exactMatch",
    ),
    "the territory of a body": (
        r"departement-nord> <\S+territoire>",
        "territoire/nord",
        "territoire/oise",
        "cper:territoire",
    ),
    "an outline": (r"oise/contour> <\S+asWKT>", "((", "((12.5 41.9,", "geo:hasGeometry"),
    "a kind of body": (r"departement-nord> <\S+classification>", "departement>", "region>", "org:classification"),
    "a currency": (r"montant/etat> <\S+unitMeasure>", "EUR>", "USD>", "sdmx-attribute:unitMeasure"),
    "a name of a signatory": (
        r"signataire/nord> <\S+prefLabel>",
        "Département du Nord",
        "Département de la Marne",
        "prov:agent",
    ),
    "the name of a body": (
        r"departement-nord> <\S+prefLabel>",
        "Département du Nord",
        "Département du Sud",
        "cper:territoire",
    ),
    "a bounding box": (r"bbox>", "1.3816", "9.3816", "dcat:bbox"),
    "the region of a department": (
        r"territoire/oise> <\S+sfWithin>",
        "territoire/hauts-de-france",
        "territoire/bretagne",
        "geo:sfWithin",
    ),
    "the region of a contract": (
        r"contrat/hauts-de-france-2021-2027> <\S+territoire>",
        "territoire/hauts-de-france",
        "territoire/bretagne",
        "cper:territoire",
    ),
    # A quotation against the text of its document, and the text against its checksum.
    "a word of a quotation": (r"enonce/montant-total> <\S+exact>", "le CPER mobilise", "le CPER annonce", "oa:exact"),
    "a part left out": (r"enonce/montant-total> <\S+exact>", "enveloppe globale", "enveloppe […]", "oa:exact"),
    "the start of a quotation": (r"enonce/axe-1> <\S+start>", '"857"', '"856"', "oa:start"),
    "the end of a quotation": (r"enonce/axe-1> <\S+end>", '"917"', '"918"', "oa:start"),
    "another document": (r"enonce/axe-1> <\S+wasQuotedFrom>", "communique-2023-01-09", "bretagne-region", "oa:start"),
    "a checksum": (r"checksumValue>", '"3d', '"3e', "spdx:checksumValue"),
    # What only the source can give, without a statement; names and kinds.
    "what is attested no more": (r"enonce/axe-4> <\S+atteste>", "core#prefLabel", "core#note", "skos:prefLabel"),
    "the name of a figure": (r"montant/etat> <\S+prefLabel>", "État", "Région", "skos:prefLabel"),
    "the order of priorities": (r"priorite/1> <\S+notation>", '"1"', '"3"', "skos:notation"),
    "the name of a period": (r"periode> <\S+prefLabel>", '"2021-2027"', '"2021-2028"', "skos:prefLabel"),
    "a region within a department": (
        r"bretagne> <\S+sfWithin>",
        "territoire/france",
        "territoire/nord",
        "geo:sfWithin",
    ),
    # Links of no known kind, things that nothing describes, and terms that the ontology does not declare.
    "a link": (r"territoire/nord> <\S+exactMatch>", "core#exactMatch", "core#exactMach", "skos:exactMach"),
    "a reference": (
        r"etape/signature> <\S+atLocation>",
        "lieu/prefecture-du-nord",
        "lieu/prefecture",
        "prov:atLocation",
    ),
    "a thing that is not described": (
        r"^<\S+lieu/prefecture-du-nord> <\S+type>",
        "id/lieu",
        "id/place",
        "prov:atLocation",
    ),
    "a property of nobody": (r"montant/etat> <\S+note>", "core#note", "core#remark", ""),
    "a property": (r"axe/2> <\S+ontology#enonce>", "ontology#enonce", "ontology#enoncee", ""),
    "a class": (r"axe/2> <\S+type> <\S+Subdivision>", "ontology#Subdivision", "ontology#Subdivisionn", ""),
}


@pytest.mark.parametrize("case", CORRUPTIONS)
def test_a_corrupted_fact_is_a_violation(case: str, corrupted: Corrupted, known: list[Finding]) -> None:
    pattern, old, new, prop = CORRUPTIONS[case]
    violations = (each for each in fact_findings(corrupted(pattern, {old: new})) if each.severity == "violation")
    about_it = (each for each in violations if each not in known and shorten(each.path or "") == prop)
    found = next(about_it, None)  # the rules after it are not run
    assert found
    assert found.messages["fr"] != found.messages["en"]
    assert all(found.remedies.values())


NOT_STATED = {
    *("contrat", "divergeDe", "avenant", "jeuLie"),  # links between things
    *(
        "enonce",
        "motif",
        "pas",
        "signePar",
    ),  # how it is stated, why not, computed from the printed value, from signatories
    *(
        "composeDe",
        "exclusif",
        "nature",
        "partieDe",
        "perimetre",
    ),  # may be readings; the nature is compared with the words
}


def test_each_property_of_what_has_statements_must_be_attested_or_is_known_not_to(sources: Sources) -> None:
    ontology = Graph(sources.ontology)
    stated = {each.value for each in ontology.all(NamedNode(CPER + "enonce"), SCHEMA + "domainIncludes")}
    below = {
        each.value for each in ontology.subjects() if any(NamedNode(cls) in ontology.all(each, BELOW) for cls in stated)
    }
    found = {
        node.value.removeprefix(CPER)
        for node in ontology.subjects()
        if (stated | below) & {each.value for name in DOMAINS for each in ontology.all(node, name)}
        and MEASURE not in set(ontology.all(node, RDF + "type"))
    }
    must = {each.removeprefix(CPER) for each in ATTESTED if each.startswith(CPER)}
    assert found == must | NOT_STATED
    assert not must & NOT_STATED


def test_a_quotation_that_is_not_there_is_told_with_the_nearest_passage(corrupted: Corrupted) -> None:
    changed = corrupted(r"enonce/montant-total> <\S+exact>", {"le CPER mobilise": "le CPER mobilise généreusement"})
    (found,) = (each for each in fact_findings(changed) if each.rule == "quotation-differs")
    for lang, words in {"fr": "« généreusement » ici, « » dans le document", "en": "“generously” here"}.items():
        assert words.replace("generously", "généreusement") in found.messages[lang].replace("«  »", "« »")
    assert "mobilise une enveloppe globale (hors mobilités)" in found.messages["fr"]
    assert found.files == ("data/statements/hauts-de-france-2021-2027.ttl",)


@pytest.mark.parametrize("data", [b"Sign\xe9", b"", b"a\x00b", b"\xef\xbb\xbfSign\xc3\xa9", b"a" * (5 << 20)])
def test_a_text_that_cannot_be_read_is_a_problem(data: bytes, sources: Sources, tmp_path: Path) -> None:
    path = tmp_path / "communique-2023-01-09.md"
    path.write_bytes(data)
    with pytest.raises(Problem) as caught:
        list(fact_findings(replace(sources, texts={path.stem: path})))
    assert caught.value.kind.code.startswith("text-")
    assert caught.value.params["path"] == path


def test_a_text_of_another_document_is_told(sources: Sources, tmp_path: Path) -> None:
    path = tmp_path / "autre.txt"
    path.write_text("Un texte.", "utf-8")
    found = {each.rule: each for each in fact_findings(replace(sources, texts={path.stem: path}))}
    assert found["text-undescribed"].node.endswith("/document/autre")
    assert {"text-missing", "quotation-without-text"} <= found.keys()


# Words of the source, and other words that say the same.
OTHER_WORDS = {
    "sur 7 ans": "sur sept ans",
    "2,7 milliards d'euros": "2,7 Md€",
    "995 M€": "995 millions d'euros",
    "768 M€": "768 000 000 €",
    "57,3%": "57,3 pour cent",
    "plus de 2,7": "au moins 2,7",
    "neuf signataires": "9 signataires",
    "l'attractivité": "l’attractivité",
    "994 M€ (36 %)": "994\u202fM€ (36\u00a0%)",
    "Axe 3 « Lutter contre les exclusions »": "AXE 3 « LUTTER CONTRE LES EXCLUSIONS »",
}
DAY = "ce lundi 9 janvier 2023"


def in_their_words(sources: Sources) -> list[Finding]:
    """Return the findings but for those about the text of the document, which has other words."""
    return [each for each in fact_findings(sources) if each.rule not in ("quotation-differs", "quotation-elsewhere")]


@pytest.mark.parametrize("day", ["ce lundi neuf janvier 2023", "ce lundi 9 janvier", "ce lundi 9/01/2023"])
def test_the_same_in_other_words_is_understood(day: str, corrupted: Corrupted) -> None:
    assert in_their_words(corrupted("@fr|exact>", {**OTHER_WORDS, DAY: day})) == []


def test_what_is_not_understood_is_a_warning(corrupted: Corrupted) -> None:
    """The words lack the year, and the day is not of the year of the document."""
    words = corrupted("exact>", {DAY: "ce 9 janvier"})
    lines = [
        line.replace(b'"2023-01-09"', b'"2022-01-09"') for line in words.published.lines() if b"signature> " in line
    ]
    assert any(b"2022-01-09" in line for line in lines)
    changed = [line for line in words.published.lines() if b"signature> " not in line]
    words.published.path.write_bytes(b"".join(line + b"\n" for line in sorted([*changed, *lines])))
    (found,) = in_their_words(words)
    assert (found.severity, shorten(found.path or "")) == ("warning", "dct:date")
    assert "ce 9 janvier" in found.messages["fr"]


@pytest.mark.parametrize("value", ["sNaN", "1e999999999", "²²²²", "9" * 5000, f"P{'9' * 5000}Y", ""])
def test_a_value_of_any_form_is_told_and_nothing_fails(value: str, corrupted: Corrupted) -> None:
    olds = ("000000994000000", "2023-01-09", "2021")
    changed = corrupted(r"valeur>|date>|startDate>", {f'"{old}"': f'"{value}"' for old in olds})
    told = {shorten(each.path or "") for each in fact_findings(changed)}
    assert {"cper:valeur", "dct:date", "dcat:startDate"} <= told
