DELETE { ?x oa:hasSource ?o } INSERT { ?x oa:hasSource <lieu> } WHERE { ?x oa:hasSource ?o }
