DELETE { ?x cper:borneSuperieure ?o } INSERT { ?x cper:borneSuperieure "122000000"^^xsd:decimal } WHERE { ?x cper:borneSuperieure ?o . FILTER(?x = <derive/axe-1>) }
