DELETE { ?x dcat:distribution ?o } WHERE { ?x dcat:distribution ?o }
