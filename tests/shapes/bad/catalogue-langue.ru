DELETE { ?x dct:language ?o } WHERE { ?x a dcat:Catalog ; dct:language ?o }
