DELETE { ?x schema:distribution ?o } INSERT { ?x schema:distribution <https://www.data.gouv.fr/api/1/datasets/r/fichier.csv> } WHERE { ?x schema:distribution ?o }
