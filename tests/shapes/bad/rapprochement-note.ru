DELETE { ?x skos:note ?texte } WHERE { BIND(<../../lien/fictif> AS ?x) ?x skos:note ?texte . FILTER(LANG(?texte) = "en") }
