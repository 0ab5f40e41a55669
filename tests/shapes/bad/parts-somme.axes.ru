DELETE { ?x cper:pourcentage ?o } INSERT { ?x cper:pourcentage "30"^^xsd:decimal } WHERE { ?x cper:pourcentage ?o . FILTER(?x = <part/axe-2>) }
