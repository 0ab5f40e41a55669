DELETE { ?x dct:language ?o } INSERT { ?x dct:language "fr" } WHERE { ?x dct:language ?o }
