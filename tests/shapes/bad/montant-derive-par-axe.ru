DELETE { ?x cper:montantDerive ?o } INSERT { ?x cper:montantDerive "121000000"^^xsd:decimal } WHERE { ?x cper:montantDerive ?o . FILTER(?x = <derive/axe-1>) }
