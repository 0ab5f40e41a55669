DELETE { ?x dct:date ?o } INSERT { ?x dct:date "2030-13-01" } WHERE { ?x dct:date ?o . ?x a cper:Etape }
