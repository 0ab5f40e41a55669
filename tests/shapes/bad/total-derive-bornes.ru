DELETE { ?x cper:minimum ?o } INSERT { ?x cper:minimum "199000000"^^xsd:decimal } WHERE { ?x cper:minimum ?o . FILTER(?x = <derive/total>) }
