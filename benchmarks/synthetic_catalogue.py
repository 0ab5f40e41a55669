"""The catalogue entries of a synthetic contract: two datasets, and the bounding box of its region."""

from collections.abc import Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from cper_lod.core.namespaces import BASE, CPER
from cper_lod.importing.contracts.graph import ContractGraph, node


def region_quads(graph: ContractGraph, region: int) -> list[Quad]:
    """Return the frame of the region, where it is new: a square of the sea, far from France, each its own."""
    iri = _territory(graph)
    if graph.file_of.get(iri) != "territories":
        return []
    west, east, south, north = -40 + region, -39.5 + region, 10, 11
    corners = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    frame = Literal(f"POLYGON(({corners}))", datatype=node("geo:wktLiteral"))
    return [Quad(node(iri), node("dcat:bbox"), frame)]


def _territory(graph: ContractGraph) -> str:
    """Return the territory of a contract."""
    for quad in graph.files["contracts"]:
        if quad.predicate.value == CPER + "territoire" and quad.subject == NamedNode(graph.contract):
            return str(quad.object)[1:-1]
    raise LookupError(graph.contract)


def dataset_quads(graph: ContractGraph, years: tuple[int, int], paths: Sequence[str]) -> list[Quad]:
    """Return two datasets of the catalogue: the contract as the files of these paths hold it, and its subsidies."""
    source = f"{BASE}source/"
    files = ", ".join(f"<{source}{path}>" for path in paths if path.startswith("data/"))
    kinds = {
        "contrat": ("contrat", "contract", files),
        "subventions": ("subventions", "subsidies", f"<{source}data/subventions/{graph.slug}/>"),
    }
    text = _HEAD
    for key, (french, english, made) in kinds.items():
        text += _DATASET.format(
            iri=f"{BASE}id/jeu-de-donnees/{key}-{graph.slug}",
            fr=french,
            en=english,
            made=made,
            name=graph.slug,
            first=years[0],
            last=years[1],
            source=graph.documents[1],
            region=_territory(graph),
        )
    return list(parse(text.encode(), format=RdfFormat.TURTLE))


_HEAD: Final = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix eu: <http://publications.europa.eu/resource/authority/> .
"""
_DATASET: Final = """
<https://w3id.org/cper-lod/catalogue> dcat:dataset <{iri}> .
<{iri}> a dcat:Dataset ;
    dct:title "Fictif : {fr}, {name}"@fr, "Fictitious: {en}, {name}"@en ;
    dct:description
        "Données inventées ({fr}) d'un contrat qui n'existe pas, faites par un programme pour mesurer : {name}."@fr,
        "Invented data ({en}) of a contract that does not exist, made by a program to measure with: {name}."@en ;
    dcat:keyword "fictif"@fr ;
    dcat:theme <http://publications.europa.eu/resource/authority/data-theme/GOVE> ;
    dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ;
    dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/NEVER> ;
    dct:conformsTo <https://w3id.org/cper-lod/ontology> ;
    dct:identifier "{iri}" ;
    dct:issued "2026-11-26"^^xsd:date ;
    dct:language <http://publications.europa.eu/resource/authority/language/FRA> ;
    dct:license <https://www.etalab.gouv.fr/licence-ouverte-open-licence> ;
    dct:modified "2026-11-26"^^xsd:date ;
    dct:provenance <{iri}/provenance> ;
    dct:publisher <https://w3id.org/cper-lod/id/organisme/cper-lod> ;
    dct:rights <{iri}/droits> ;
    dct:source <{source}> ;
    dct:spatial <{region}> ;
    dct:temporal [ a dct:PeriodOfTime ;
        dcat:startDate "{first}-01-01"^^xsd:date ; dcat:endDate "{last}-12-31"^^xsd:date ] ;
    prov:wasDerivedFrom {made} .
<{iri}/droits> a dct:RightsStatement ; rdfs:label "Droits fictifs."@fr, "Fictitious rights."@en .
<{iri}/provenance> a dct:ProvenanceStatement ; rdfs:label "Inventé : fictif."@fr, "Invented: fictitious."@en .
"""
