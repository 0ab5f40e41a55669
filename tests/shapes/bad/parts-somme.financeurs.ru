DELETE { ?x cper:pourcentage ?o } INSERT { ?x cper:pourcentage "20"^^xsd:decimal } WHERE { ?x cper:pourcentage ?o . FILTER(?x = <part/region>) }
