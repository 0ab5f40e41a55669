DELETE { ?x rdfs:label ?texte } WHERE { ?x a owl:Class ; rdfs:label ?texte . FILTER(LANG(?texte) = "en") }
