DELETE { ?x skos:prefLabel ?texte } WHERE { ?x a cper:Contrat ; skos:prefLabel ?texte . FILTER(LANG(?texte) = "en") }
