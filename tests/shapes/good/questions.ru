# One fictitious question that uses every term: the ontology is the real one, and grows.
INSERT {
  <https://w3id.org/cper-lod/def/question/fictif> a sh:SPARQLExecutable, sh:SPARQLSelectExecutable ;
    rdfs:comment "Quels termes ?"@fr, "Which terms?"@en ;
    sh:select "PREFIX cper: <https://w3id.org/cper-lod/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> SELECT ?t { ?t rdfs:isDefinedBy ?o }" ;
    sh:prefixes <https://w3id.org/cper-lod/ontology> ;
    dct:references ?terme }
WHERE { ?terme rdfs:isDefinedBy ?ontologie . ?ontologie a <http://www.w3.org/2002/07/owl#Ontology> };
# The press release that the ontology comes from, described elsewhere.
INSERT DATA {
  <https://w3id.org/cper-lod/id/document/communique-2023-01-09> a foaf:Document ;
    skos:prefLabel "Communiqué"@fr, "Press release"@en }
