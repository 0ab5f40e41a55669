DELETE { ?x cper:partDe ?o } WHERE { ?x cper:partDe ?o . FILTER(?x = <part/axe-1>) }
