DELETE { ?x cper:pourcentage ?o } INSERT { ?x cper:pourcentage "130"^^xsd:decimal } WHERE { ?x cper:pourcentage ?o }
