DELETE { ?x obeu-measure:amount ?o } WHERE { ?x a cper:ValeurDerivee ; obeu-measure:amount ?o }
