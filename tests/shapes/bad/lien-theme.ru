DELETE { ?x dcat:theme ?o } INSERT { ?x dcat:theme <https://example.org/faux> } WHERE { ?x dcat:theme ?o }
