DELETE { ?x dct:title ?o } WHERE { ?_ oa:hasSource ?x . ?x dct:title ?o }
