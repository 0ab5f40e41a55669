DELETE { ?x dct:relation ?o } WHERE { ?x a cper:Rapprochement ; dct:relation ?o }
