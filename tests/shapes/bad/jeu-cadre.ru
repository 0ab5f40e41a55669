DELETE { ?n dcat:bbox ?o } WHERE { ?x a dcat:Dataset ; dct:spatial ?n . ?n dcat:bbox ?o }
