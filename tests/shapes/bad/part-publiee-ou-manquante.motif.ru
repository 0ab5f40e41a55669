DELETE { ?x cper:motif ?texte } WHERE { ?x cper:motif ?texte . FILTER(LANG(?texte) = "en") }
