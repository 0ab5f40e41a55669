DELETE { ?x cper:part ?o } INSERT { ?x cper:part <part/axe-2> } WHERE { ?x cper:part ?o . FILTER(?x = <axe/1>) }
