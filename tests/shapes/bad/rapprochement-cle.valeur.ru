DELETE { ?x schema:value ?o } WHERE { ?x cper:cle ?cle ; schema:value ?o }
