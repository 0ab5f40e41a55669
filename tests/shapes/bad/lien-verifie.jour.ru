DELETE { ?x dct:modified ?o } WHERE { ?x cper:lignes ?n ; dct:modified ?o }
