DELETE { ?x dct:issued ?o } WHERE { ?_ oa:hasSource ?x . ?x dct:issued ?o }
