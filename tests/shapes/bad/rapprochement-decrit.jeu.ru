DELETE { ?x dct:relation ?o } WHERE { ?x a liens:Rapprochement ; dct:relation ?o }
