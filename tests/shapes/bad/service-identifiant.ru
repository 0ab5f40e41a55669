DELETE { ?x dct:identifier ?o } WHERE { ?x a dcat:DataService ; dct:identifier ?o }
