DELETE { ?x dcat:keyword ?o } WHERE { ?x dcat:keyword ?o }
