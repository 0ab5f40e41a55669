DELETE { ?x rdfs:label ?o } WHERE { ?x a dct:ProvenanceStatement ; rdfs:label ?o FILTER(LANG(?o) = "en") }
