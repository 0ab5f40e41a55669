DELETE { ?x cper:borneInferieure ?o } INSERT { ?x cper:borneInferieure "119000000"^^xsd:decimal } WHERE { ?x cper:borneInferieure ?o . FILTER(?x = <derive/axe-1>) }
