DELETE { ?x skos:example ?texte } WHERE { ?x a owl:Class ; skos:example ?texte . FILTER(LANG(?texte) = "en") }
