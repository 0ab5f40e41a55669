DELETE { ?x dct:abstract ?texte } WHERE { ?x a owl:Ontology ; dct:abstract ?texte . FILTER(LANG(?texte) = "en") }
