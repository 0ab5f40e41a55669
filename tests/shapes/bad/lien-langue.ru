DELETE { ?x dct:language ?o } INSERT { ?x dct:language <https://example.org/faux> } WHERE { ?x dct:language ?o }
