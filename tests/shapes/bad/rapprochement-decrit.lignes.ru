DELETE { ?x schema:urlTemplate ?o } INSERT { ?x schema:urlTemplate "https://tabular-api.data.gouv.fr/api/resources/fichier/data/" } WHERE { ?x schema:urlTemplate ?o }
