"""Small contracts of kinds that the data of this project need not have, in a release with what the rules add to them."""

from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from cper_lod.core.namespaces import DEFINITIONS
from cper_lod.release.release import Release
from cper_lod.release.sources.rules import computed, load_rules
from tests.support.names import BASE
from tests.support.nquads_release import PREFIX_LINES, given_release
from tests.support.paths import ROOT

HEADER: Final = f"{PREFIX_LINES}@prefix o: <{BASE}id/organisme/> .\n"

BODIES: Final = f"""
<{BASE}id/organisme/etat> a org:FormalOrganization ; skos:prefLabel "État"@fr, "State"@en ; org:classification <{DEFINITIONS}code/type-d-organisme/etat> .
<{BASE}id/organisme/region> a org:FormalOrganization ; skos:prefLabel "Région"@fr, "Region"@en ; org:classification <{DEFINITIONS}code/type-d-organisme/region> .
<{BASE}id/territoire/armorique> a igeo:Region, geo:Feature ; skos:prefLabel "Armorique"@fr, "Armorica"@en .
<{BASE}id/document/presse> a cper:Document ; skos:prefLabel "Presse du 3 mars"@fr, "Press of 3 March"@en ; dct:issued "2030-03-03"^^xsd:date .
<{BASE}id/document/region> a cper:Document ; skos:prefLabel "Communiqué de la Région"@fr, "Release of the Region"@en .
"""
SIGNED: Final = f"""
<> cper:signePar o:etat, o:region .
<etape/signature> a cper:Etape ; cper:contrat <> ; adms:status <{DEFINITIONS}code/statut/signe> ; dct:date "--02-25"^^xsd:gMonthDay .
"""


def figure(
    name: str, printed: str = "", value: str = "", nature: str = "arrondi", more: str = "", step: str = "1"
) -> str:
    """Return a figure of the contract in Turtle: its class and unit are those of its name, `montant/total`."""
    kind = name.partition("/")[0].capitalize()
    unit = {
        "Montant": "<http://publications.europa.eu/resource/authority/currency/EUR>",
        "Part": "<http://qudt.org/vocab/unit/PERCENT>",
        "Chiffre": f"<{DEFINITIONS}code/unite/projet>",
    }[kind]
    said = (
        f'; cper:valeurPubliee "{printed}"@fr ; cper:nature <{DEFINITIONS}code/nature-de-la-valeur/{nature}>'
        if printed
        else ""
    )
    number = f'; cper:valeur "{value}"^^xsd:decimal ; cper:pas "{step}"^^xsd:decimal' if value else ""
    unit = f"; sdmx-attribute:unitMeasure {unit}" if value else ""
    return f'<{name}> a cper:{kind} ; skos:prefLabel "{kind} {name}"@fr ; cper:contrat <> {said} {number} {unit} {more and "; " + more} .\n'


def release_of(releases: Path, folder: Path, contracts: dict[str, str], fictitious: tuple[str, ...] = ()) -> Release:
    """Return a release of contracts, each in Turtle by the last part of its address, with the lists of codes."""
    quads = list(parse((HEADER + BODIES).encode(), format=RdfFormat.TURTLE))
    for name, turtle in contracts.items():
        start = f"{HEADER}@base <{BASE}id/contrat/{name}/> .\n"
        title = name.replace("-", " ").capitalize() + (" (fictif)" if name in fictitious else "")
        contract = f'<> a cper:Contrat ; skos:prefLabel "{title}"@fr, "{title}"@en ; cper:territoire <{BASE}id/territoire/armorique> .'
        for quad in parse((start + contract + turtle).encode(), format=RdfFormat.TURTLE):
            quads.append(Quad(_bare(quad.subject), quad.predicate, _bare(quad.object)))
    lines = serialize(quads, format=RdfFormat.N_QUADS)
    assert lines is not None
    added = [quad for found in computed(load_rules(ROOT / "ontology" / "rules"), lines).values() for quad in found]
    path = folder / "contracts.nq"
    path.write_bytes(lines + (serialize(added, format=RdfFormat.N_QUADS) or b""))
    return given_release(releases, path, ROOT / "ontology" / "codes.ttl")


def _bare(term: object) -> object:
    """Return the contract itself for the base of its file, which ends with a slash."""
    ends = isinstance(term, NamedNode) and term.value.startswith(f"{BASE}id/contrat/") and term.value.endswith("/")
    return NamedNode(term.value.rstrip("/")) if ends and isinstance(term, NamedNode) else term


_PRESENTED: Final = f"""
<etape/1> a cper:Etape ; cper:contrat <> ; adms:status <{DEFINITIONS}code/statut/presente> ; dct:date "--06"^^xsd:gMonth .
"""
_AXES: Final = """
<decoupage/axes> a cper:Decoupage ; skos:prefLabel "Axes"@fr ; cper:contrat <> .
<axe/a> a cper:Subdivision ; skos:prefLabel "Rail"@fr ; cper:contrat <> ; skos:inScheme <decoupage/axes> ; skos:notation 1 .
<axe/b> a cper:Subdivision ; skos:prefLabel "Route"@fr ; cper:contrat <> ; skos:inScheme <decoupage/axes> ; skos:notation 2 .
"""
_EXCLUSIVE: Final = "<decoupage/axes> cper:exclusif true ."
_LEVELS: Final = f"""
<decoupage/priorites> a cper:Decoupage ; skos:prefLabel "Priorités"@fr ; cper:contrat <> .
<priorite/1> a cper:Subdivision ; skos:prefLabel "Relier"@fr ; cper:contrat <> ; skos:inScheme <decoupage/priorites> ;
  skos:notation 1 ; dct:type <{DEFINITIONS}code/type-de-subdivision/priorite> .
<priorite/2> a cper:Subdivision ; skos:prefLabel "Former"@fr ; cper:contrat <> ; skos:inScheme <decoupage/priorites> ; skos:notation 2 .
<axe/a> skos:broadMatch <priorite/1>, <priorite/2> . <axe/b> skos:broadMatch <priorite/1> .
<decoupage/themes> a cper:Decoupage ; skos:prefLabel "Thèmes"@fr ; cper:contrat <> ; cper:exclusif false .
<theme/mer> a cper:Subdivision ; skos:prefLabel "Mer"@fr ; cper:contrat <> ; skos:inScheme <decoupage/themes> .
"""
_PERIOD: Final = """
<> dct:temporal <periode> . <periode> dcat:startDate "2021"^^xsd:gYear ; dcat:endDate "2027"^^xsd:gYear .
"""


def _says(name: str, words: str, document: str) -> str:
    """Return that a figure rests on words of a document."""
    return (
        f'cper:enonce <enonce/{name}> . <enonce/{name}> a cper:Enonce ; oa:exact "{words}" ; '
        f"prov:wasQuotedFrom <{BASE}id/document/{document}>"
    )


CONTRACTS: Final = {
    "equal-parts-only": SIGNED
    + figure("part/etat", "à parts égales", nature="parts-egales", more="cper:financeur o:etat")
    + figure("part/region", "à parts égales", nature="parts-egales", more="cper:financeur o:region"),
    "total-only": SIGNED
    + figure("montant/total", "12,5 millions", "12500000", "exact", _says("t", "12,5 millions sur sept ans", "region"))
    + _PERIOD,
    "more-than": SIGNED + figure("montant/total", "plus de 5 milliards", "5000000000", "plus-de"),
    "nearly-unsigned": _PRESENTED + figure("montant/total", "près de 2,75 milliards", "2750000000", "pres-de"),
    "presented-no-total": _PRESENTED + figure("montant/total", more='cper:motif "Le document n’en donne pas."@fr'),
    "less-than-no-step": figure("montant/total", "moins de 80 M€", "80000000", "moins-de"),
    "no-numbers": SIGNED + _AXES,
    "crossed-only": SIGNED
    + _AXES
    + _EXCLUSIVE
    + figure("montant/a-etat", "3 M€", "3000000", more="cper:financeur o:etat ; cper:subdivision <axe/a>")
    + figure("montant/a-region", "4 M€", "4000000", more="cper:financeur o:region ; cper:subdivision <axe/a>"),
    "two-sources": SIGNED
    + figure("montant/total", "975 M€", "975000000", more=_says("t", "975 M€", "region"))
    + figure(
        "montant/presse",
        "970 M€",
        "970000000",
        more="cper:divergeDe <montant/total> ; " + _says("p", "970 M€", "presse"),
    )
    + figure("montant/avant", "960 M€", "960000000")
    + "<montant/total> prov:wasRevisionOf <montant/avant> ."
    + figure("montant/relance", "200 M€", "200000000", more="cper:partieDe <montant/total>")
    + figure("chiffre/projets", "86 projets", "86", "exact")
    + figure("montant/etat", "500 M€", "500000000", more="cper:financeur o:etat", step="1000000")
    + figure("montant/region", "plus de 470 M€", "470000000", "plus-de", more="cper:financeur o:region")
    + _PERIOD,
    "made-of": SIGNED
    + figure("montant/total", "3 M€", "3000000", "exact", "cper:composeDe <montant/etat>, <montant/region>")
    + figure("montant/etat", "2 M€", "2000000", "exact", "cper:financeur o:etat")
    + figure("montant/region", "1 M€", "1000000", "exact", "cper:financeur o:region"),
    "levels": _AXES
    + _EXCLUSIVE
    + _LEVELS
    + figure("part/a", "60 %", "60", more="cper:subdivision <axe/a>")
    + figure("part/b", "30 %", "30", more="cper:subdivision <axe/b>"),
}
"""Contracts of kinds that are easily told wrongly."""
