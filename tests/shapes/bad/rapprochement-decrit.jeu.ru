DELETE { ?x dct:relation ?o } INSERT { ?x dct:relation <https://example.org/faux> } WHERE { ?x a dcat:Relationship ; dct:relation ?o }
