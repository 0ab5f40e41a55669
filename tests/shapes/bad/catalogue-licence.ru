DELETE { ?x dct:license ?o } WHERE { ?x a dcat:Catalog ; dct:license ?o }
