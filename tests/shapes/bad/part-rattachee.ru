DELETE { ?x cper:part <part/axe-1> } WHERE { ?x cper:part <part/axe-1> }
