DELETE { ?x skos:definition ?texte } WHERE { ?x a owl:Class ; skos:definition ?texte . FILTER(LANG(?texte) = "en") }
