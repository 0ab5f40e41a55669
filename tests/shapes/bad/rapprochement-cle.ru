DELETE { ?x schema:value ?o } INSERT { ?x schema:value "998" } WHERE { ?x cper:cle ?cle ; schema:value ?o }
