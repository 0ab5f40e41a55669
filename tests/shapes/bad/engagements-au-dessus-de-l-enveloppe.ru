DELETE { ?x cper:minimum ?o } INSERT { ?x cper:minimum "210000000"^^xsd:decimal } WHERE { ?x cper:minimum ?o . FILTER(?x = <enveloppe>) }
