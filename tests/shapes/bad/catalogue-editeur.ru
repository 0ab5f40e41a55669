DELETE { ?n foaf:name ?o } WHERE { ?x a dcat:Catalog ; dct:publisher ?n . ?n foaf:name ?o }
