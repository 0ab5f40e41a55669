DELETE { ?x skos:historyNote ?texte } WHERE { ?x skos:historyNote ?texte . FILTER(LANG(?texte) = "fr") }
