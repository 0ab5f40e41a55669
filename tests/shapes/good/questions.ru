# One fictitious question that uses every term: the ontology is the real one, and grows.
INSERT { <https://w3id.org/cper-lod/id/question/fictif> a sh:SPARQLExecutable ; dct:references ?terme }
WHERE { ?terme rdfs:isDefinedBy <https://w3id.org/cper-lod/ontology> };
# The press release that the ontology comes from, described elsewhere.
INSERT DATA {
  <https://w3id.org/cper-lod/id/document/communique-2023-01-09> a foaf:Document ;
    skos:prefLabel "Communiqué"@fr, "Press release"@en }
