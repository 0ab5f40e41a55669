DELETE { ?x skos:changeNote ?texte } WHERE { ?x owl:deprecated true ; skos:changeNote ?texte . FILTER(LANG(?texte) = "en") }
