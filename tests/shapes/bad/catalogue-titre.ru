DELETE { ?x dct:title ?texte } WHERE { ?x a dcat:Catalog ; dct:title ?texte . FILTER(LANG(?texte) = "en") }
