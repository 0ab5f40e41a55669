INSERT { ?x dct:title "Autre titre (fictif)"@fr } WHERE { ?x a foaf:Document ; dct:title ?o }
