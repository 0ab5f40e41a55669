DELETE { ?x dct:date ?o } INSERT { ?x dct:date "2030"^^xsd:gYear } WHERE { ?x dct:date ?o . ?x a cper:Signature }
