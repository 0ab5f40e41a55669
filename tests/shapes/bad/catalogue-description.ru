DELETE { ?x dct:description ?texte } WHERE { ?x a dcat:Catalog ; dct:description ?texte . FILTER(LANG(?texte) = "en") }
