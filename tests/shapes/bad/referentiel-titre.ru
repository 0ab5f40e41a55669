DELETE { ?x dct:title ?o } WHERE { ?x void:uriSpace ?u ; dct:title ?o FILTER(LANG(?o) = "en") }
