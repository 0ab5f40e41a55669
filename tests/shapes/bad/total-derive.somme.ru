DELETE { ?x cper:montantDerive ?o } INSERT { ?x cper:montantDerive "210000000"^^xsd:decimal } WHERE { ?x cper:montantDerive ?o . FILTER(?x = <derive/total>) }
