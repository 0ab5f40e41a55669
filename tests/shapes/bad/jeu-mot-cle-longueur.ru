DELETE { ?x dcat:keyword ?o } INSERT { ?x dcat:keyword "x"@fr } WHERE { ?x dcat:keyword ?o }
