DELETE { ?x dct:publisher ?o } WHERE { ?_ oa:hasSource ?x . ?x dct:publisher ?o }
