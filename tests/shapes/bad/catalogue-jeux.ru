DELETE { ?x dcat:dataset ?o } WHERE { ?x a dcat:Catalog ; dcat:dataset ?o }
