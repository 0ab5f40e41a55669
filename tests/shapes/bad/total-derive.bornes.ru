DELETE { ?x cper:borneInferieure ?o } INSERT { ?x cper:borneInferieure "199000000"^^xsd:decimal } WHERE { ?x cper:borneInferieure ?o . FILTER(?x = <derive/total>) }
