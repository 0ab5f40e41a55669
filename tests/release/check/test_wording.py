"""What stands beside a value in its words, and a text in both languages: each case is texts, and the finding."""

import shutil
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from cper_lod.core.namespaces import PREFIXES
from cper_lod.rdf.report import Finding
from cper_lod.release.check.documents import DOCUMENT_RULES
from cper_lod.release.check.facts import FACT_RULES
from cper_lod.release.check.published import DataRule
from cper_lod.release.sources.read import Sources, read_sources
from tests.release.check.corruption import fact_findings, with_lines
from tests.support.names import BASE
from tests.support.one_contract import copy_contract
from tests.support.paths import ROOT

pytestmark = pytest.mark.usefixtures("read_once")
RULES = [rule for rule in FACT_RULES if rule.key.endswith(("of-another", "left-out", "not-yet", "unfounded"))]
RULES += [rule for rule in DOCUMENT_RULES if rule.key in ("publisher-differs",)]
LIST = "- État : 994 M€ (36 %)\n- Région : 995 M€ (36 %)\n"


class Case(NamedTuple):
    """A text, what is quoted of it for the amount or share of the State, how it is printed, its nature, the finding."""

    text: str
    words: str
    printed: str
    told: str = ""
    nature: str = "arrondi"
    region: str = ""
    """What is printed for the Region, if the same words give it."""


BOTH = "L'État et la Région apportent 994 M€ et 995 M€."
CASES = {
    "its own number alone": Case(LIST, "994 M€", "994 M€"),
    "the number of another line": Case(LIST, "995 M€", "995 M€", "value-of-another"),
    "the line of another": Case(LIST, "Région : 995 M€", "995 M€", "value-of-another"),
    "a number after that of another line": Case(LIST.replace("(36", "(37", 2), "(37 %)", "37 %"),
    "a number after its amount": Case("- Région : 995 M€ (37 %)\n", "995 M€ (37 %)", "37 %", "value-of-another"),
    "a number of another": Case("995 M€ de la Région, 994 M€ de l'État", "995 M€", "995 M€", "value-of-another"),
    "two numbers in the order of the names": Case(BOTH, BOTH, "994 M€", region="995 M€"),
    "two numbers exchanged": Case(BOTH, BOTH, "995 M€", "value-of-another", region="994 M€"),
    "what is for a region": Case("L'État apporte 994 M€ pour la Région.", "apporte 994 M€", "994 M€"),
    "more than": Case("L'État apporte plus de 994 M€.", "994 M€", "994 M€", "nature-left-out"),
    "of which": Case("- Total : 3 Md€\n- dont 994 M€ de l'État\n", "994 M€ de l'État", "994 M€", "part-left-out"),
    "of which more than": Case("dont au moins 994 M€ de l'État", "au moins 994 M€", "au moins 994 M€", "part-left-out"),
    "of which another": Case("994 M€ de l'État, dont 2 M€", "994 M€ de l'État, dont 2 M€", "994 M€"),
    "in addition to": Case("L'État, en plus de 994 M€, donne un terrain.", "994 M€", "994 M€"),
}
STATUSES = {"Le contrat sera signé demain.": "status-not-yet", "Il sera complété ; il est signé.": ""}
PRIORITIES = ("Priorité « Réussir » (Axe 1 « Écoles », Axe 2 « Ports »)", "Priorité « Unir » (Axe 3 « Phares »)")
AFTER = "Priorité « Réussir » (Axe 1 « Écoles », Axe 2 « Ports »)\n{}Priorité « Unir » (Axe 3 « Phares »)"
OF_AXIS_2 = "L'Axe 2 « Ports » est de la Priorité « Unir »"
LEVELS = {
    (2, 1, PRIORITIES[0], ""): "",
    (3, 1, PRIORITIES[1], ""): "level-of-another",
    (3, 1, PRIORITIES[0], ""): "level-of-another",
    (3, 1, " ; ".join(PRIORITIES), ""): "level-of-another",
    (3, 1, "Les axes servent la priorité « Réussir »", ""): "",
    (2, 2, "Axe 2 « Ports »)\nPriorité « Unir »", AFTER.format("")): "level-of-another",
    (2, 2, OF_AXIS_2.removeprefix("L'"), AFTER.format(f"{OF_AXIS_2}\n")): "",
}
"""The numbers of an axis and of the priority above it, the words quoted for that, their text if it is longer; the finding."""
DOCUMENTS = {
    ("Agence Bretagne Presse, mars 2022", ""): "",
    ("France Bleu, mars 2022", ""): "publisher-differs",
    ("Page de la Région Bretagne sur le contrat", ""): "publisher-differs",
    ("Région Bretagne : le contrat est signé", ""): "",
    ("Document", 'dcat:contactPoint [ vcard:fn "Région Bretagne, service de presse" ]'): "publisher-differs",
    ("Document", 'dcat:contactPoint [ vcard:fn "Agence fictive, pour la Région Bretagne" ]'): "",
}
"""The name of a document of Agence Bretagne Presse, and what else is said of it; the finding."""


NAMES = {
    ("cadre/x", "SRADDET", "schéma régional d'aménagement et de développement durable"): "",
    ("cadre/x", "SRADDET", "schéma rural d'aménagement"): "name-unfounded",
    ("cadre/x", "Plan", "grand plan"): "name-unfounded",
    ("cadre/x", "Plan", "plan de relance"): "",
    ("../../organisme/x", "Agence de l'eau Seine-Normandie", "AESN"): "",
    ("../../organisme/x", "Agence de l'eau Seine-Normandie", "l'Agence"): "",
    ("../../organisme/x", "Agence de l'eau Seine-Normandie", "CUDL"): "name-unfounded",
    ("../../organisme/x", "Agence de l'eau Seine-Normandie", "DRAC"): "",
    ("../../organisme/x", "Région Bretagne", "Conseil régional de Bretagne"): "",
    ("../../organisme/x", "Région Bretagne", "Région Normandie"): "name-of-another",
}
"""A thing, its name and another name, where the words of the document are « Le plan de relance, dit la DRAC. »; the finding."""


class Translation(NamedTuple):
    """A text in both languages, and the rule that speaks of it; `prop` is its property."""

    french: str
    english: str
    told: str = ""
    prop: str = "skos:note"


TRANSLATIONS = [
    Translation("plus de 2,7 milliards d'euros", "more than 2.7 billion euros"),
    Translation("2,7 milliards d'euros", "2.7 million euros", "figures-differ"),
    Translation("cinq milliards d'euros", "euros", "figures-differ"),
    Translation("neuf signataires", "ten signatories", "figures-differ"),
    Translation("un lycée neuf, une dizaine de projets", "a new school, about ten projects"),
    Translation("des millions, un demi-million d'euros", "millions, half a million euros"),
    Translation("les deux, au 3e rang", "both, in the 3rd place"),
    Translation("300 m de quai, 994 M€", "300 m of quay, €994m"),
    Translation("994 millions d'euros", "994 million dollars", "translation-of-another"),
    Translation("le 1er janvier 2023", "on January 1, 2023"),
    Translation("le 9/01/2023", "on 9 January 2023"),
    Translation("le 9 janvier 2023", "on 9 February 2023", "translation-of-another"),
    Translation("« 57,3 % » des crédits", "“57,3 %” of the funds"),
    Translation("La page ne donne pas les 57,3 %.", "Reason, in French: La page ne donne pas les 57,3 %."),
    Translation("Département de l'Aisne", "Department of Somme", "translation-of-another"),
    Translation("les deux départements bretons", "the two departments of Bretagne"),
    Translation("les Hauts-de-France", "Normandie", "translation-of-another"),
    Translation("le canal Seine-Nord", "the Seine-Nord canal"),
    Translation("la MEL", "Amiens métropole", "translation-of-another"),
    Translation("État", "Region", "translation-of-another", "skos:prefLabel"),
    Translation("prévu en 2023", "signed in 2023", "translation-of-another"),
    Translation("près de 5 projets", "more than 5 projects", "translation-of-another"),
]
LABELS = {
    ("Montant : Région", "Amount: State"): True,
    ("Montant : État", "Amount: Region"): True,
    ("Montant : État, Mer et littoral", "Amount: State, Sea and coast"): False,
    ("Montant : État, Culture", "Amount: State, Culture"): True,
    ("Montant : Mer, relance", "Amount: Sea, recovery plan"): False,
    ("Montant : lycées et culture", "Amount: schools and culture"): False,
}
"""Labels of an amount of the State for « Mer et littoral », with the scope « relance »; whether they are of another."""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """Return sources with bodies and territories, and no contract but the fictitious one of each case."""
    folder = copy_contract(ROOT / "data", "bretagne-2021-2027", tmp_path_factory.mktemp("one") / "sources")
    shutil.rmtree(folder / "data" / "contracts")
    shutil.rmtree(folder / "data" / "statements")
    return read_sources(folder)


def findings(sources: Sources, folder: Path, turtle: str, rules: list[DataRule], text: str = "") -> list[Finding]:
    """Return what rules say of a fictitious contract, whose document has a text, beside bodies and territories."""
    prefixes = "".join(f"@prefix {name}: <{iri}> . " for name, iri in PREFIXES.items())
    whole = f"{prefixes} @base <{BASE}id/contrat/fictif/> . @prefix o: <{BASE}id/organisme/> . {turtle}"
    own = serialize(parse(whole, RdfFormat.TURTLE), format=RdfFormat.N_QUADS) or b""
    changed = with_lines(sources, {*own.splitlines(), *sources.published.lines()}, folder / "changed.nq")
    (folder / "fictif.txt").write_text(text, "utf-8")
    texts = {**sources.texts, "fictif": folder / "fictif.txt"} if text else sources.texts
    return list(fact_findings(replace(changed, texts=texts), rules))


def told(sources: Sources, folder: Path, turtle: str, text: str, node: str = "/contrat/fictif/") -> str:
    """Return the rules that speak of a fictitious contract, or of another thing."""
    found = findings(sources, folder, turtle, RULES, text)
    return " ".join(sorted({each.rule for each in found if node in each.node}))


def statement(text: str, words: str, attests: str) -> str:
    start = text.index(words)
    return (
        f"<enonce/x> a cper:Enonce ; cper:atteste {attests} ; oa:exact '''{' '.join(words.split())}''' ; "
        f"cper:position [ a oa:TextPositionSelector ; oa:start {start} ; oa:end {start + len(words)} ] ; "
        "prov:wasQuotedFrom <../../document/fictif> . "
    )


@pytest.mark.parametrize("name", CASES)
def test_a_number_is_read_with_what_stands_beside_it(name: str, sources: Sources, tmp_path: Path) -> None:
    text, words, printed, expected, nature, region = CASES[name]
    figure = (
        f"cper:contrat <../fictif> ; cper:nature <../../../def/code/nature-de-la-valeur/{nature}> ; cper:valeurPubliee "
    )
    quoted = "; cper:enonce <enonce/x>" if region else ""
    turtle = (
        f'<montant/etat> {figure} "{printed}"@fr ; cper:financeur o:etat ; cper:enonce <enonce/x> . '
        f'<montant/region> {figure} "{region or printed}"@fr ; cper:financeur o:region-hauts-de-france {quoted} . '
    )
    found = told(sources, tmp_path, turtle + statement(text, words, "cper:valeur, cper:valeurPubliee"), text)
    assert found == expected


@pytest.mark.parametrize("text", STATUSES)
def test_what_is_to_come_is_not_done(text: str, sources: Sources, tmp_path: Path) -> None:
    turtle = "<etape/x> adms:status <../../../def/code/statut/signe> ; cper:enonce <enonce/x> . "
    found = told(sources, tmp_path, turtle + statement(text, "signé", "adms:status"), text)
    assert found == STATUSES[text]


@pytest.mark.parametrize(("number", "above", "words", "text"), LEVELS)
def test_a_subdivision_is_below_what_its_words_name(
    number: int, above: int, words: str, text: str, sources: Sources, tmp_path: Path
) -> None:
    kind = "dct:type <../../../def/code/type-de-subdivision/axe>"
    turtle = "".join(
        f'<axe/{each}> skos:inScheme <axes> ; {kind} ; skos:notation {each} ; skos:prefLabel "{name}"@fr . '
        for each, name in enumerate(("Écoles", "Ports", "Phares"), 1)
    ) + "".join(
        f'<priorite/{each}> skos:inScheme <priorites> ; skos:prefLabel "{name}"@fr . '
        for each, name in enumerate(("Réussir", "Unir"), 1)
    )
    turtle += f"<axe/{number}> skos:broadMatch <priorite/{above}> ; cper:enonce <enonce/x> . "
    if text:  # another axis stands below the line before it
        first = "Priorité « Réussir » (Axe 1 « Écoles »"
        turtle += "<axe/1> skos:broadMatch <priorite/1> ; cper:enonce <enonce/y> . "
        turtle += statement(text, first, "skos:broadMatch").replace("<enonce/x>", "<enonce/y>")
    whole = text or words
    found = told(sources, tmp_path, turtle + statement(whole, words, "skos:broadMatch"), whole, f"/axe/{number}")
    assert found == LEVELS[number, above, words, text]


@pytest.mark.parametrize(("name", "more"), DOCUMENTS)
def test_a_document_is_what_its_name_and_words_say(name: str, more: str, sources: Sources, tmp_path: Path) -> None:
    turtle = (
        f'<../../document/fictif> a cper:Document ; skos:prefLabel "{name}"@fr ; '
        f"dct:publisher o:agence-bretagne-presse ; {more} . "
    )
    text = "Le contrat est signé par l'État et la Région, pour la Bretagne."
    assert told(sources, tmp_path, turtle, text, "/document/fictif") == DOCUMENTS[name, more]


@pytest.mark.parametrize("case", NAMES)
def test_another_name_is_one_of_its_thing(case: tuple[str, str, str], sources: Sources, tmp_path: Path) -> None:
    thing, name, other = case
    text = "Le plan de relance, dit la DRAC."
    kind = "a cper:Cadre ; cper:contrat <../fictif>" if thing == "cadre/x" else "a org:FormalOrganization"
    turtle = f'<{thing}> {kind} ; skos:prefLabel "{name}"@fr ; skos:altLabel "{other}"@fr ; cper:enonce <enonce/x> . '
    turtle += '<../../organisme/y> a org:FormalOrganization ; skos:prefLabel "Région Bretagne"@fr . '
    found = told(sources, tmp_path, turtle + statement(text, text, "skos:prefLabel"), text, thing.removeprefix("../.."))
    assert found == NAMES[case]


@pytest.fixture(scope="module")
def told_of_texts(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Return the rules that speak of each thing of a fictitious contract with these texts and labels."""
    turtle = "".join(
        f'<texte/{number}> {each.prop} "{each.french}"@fr, "{each.english}"@en . '
        for number, each in enumerate(TRANSLATIONS)
    )
    for name, labels in {"mer": "Mer et littoral/Sea and coast", "culture": "Culture/Culture"}.items():
        french, english = labels.split("/")
        turtle += f'<axe/{name}> skos:prefLabel "{french}"@fr, "{english}"@en . '
        turtle += f"<montant/{name}> cper:contrat <../fictif> ; cper:subdivision <axe/{name}> . "
    turtle += "<montant/region> cper:contrat <../fictif> ; cper:financeur o:region-hauts-de-france . "
    for number, (french, english) in enumerate(LABELS):
        turtle += (
            f"<montant/{number}> cper:contrat <../fictif> ; cper:financeur o:etat ; "
            f"cper:subdivision <axe/mer> ; cper:perimetre <../../../def/code/perimetre/relance> ; "
            f'skos:prefLabel "{french}"@fr, "{english}"@en . '
        )
    rules = [rule for rule in FACT_RULES if rule.key in ("figures-differ", "label-of-another")]
    found = defaultdict[str, set[str]](set)
    for each in findings(sources, tmp_path_factory.mktemp("told"), turtle, rules):
        found[each.node.partition("/fictif/")[2]].add(each.rule)
    return found


@pytest.mark.parametrize("number", range(len(TRANSLATIONS)), ids=lambda number: TRANSLATIONS[number].english)
def test_a_translation_says_the_same(number: int, told_of_texts: dict[str, set[str]]) -> None:
    assert " ".join(told_of_texts.get(f"texte/{number}", ())) == TRANSLATIONS[number].told


@pytest.mark.parametrize("number", range(len(LABELS)), ids=lambda number: "; ".join(list(LABELS)[number]))
def test_a_label_names_what_its_figure_is_of(number: int, told_of_texts: dict[str, set[str]]) -> None:
    assert ("label-of-another" in told_of_texts.get(f"montant/{number}", ())) == list(LABELS.values())[number]
