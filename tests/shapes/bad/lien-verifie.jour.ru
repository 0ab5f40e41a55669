DELETE { ?x dct:modified ?o } WHERE { ?x liens:lignes ?n ; dct:modified ?o }
