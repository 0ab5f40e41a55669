DELETE { ?x dct:type ?o } INSERT { ?x dct:type <https://example.org/faux> } WHERE { ?x dct:type ?o }
