DELETE { ?x dcat:mediaType ?o } INSERT { ?x dcat:mediaType "text/turtle" } WHERE { ?x dcat:mediaType ?o }
