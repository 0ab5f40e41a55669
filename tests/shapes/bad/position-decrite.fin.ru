DELETE { ?x oa:end ?o } WHERE { ?x oa:end ?o }
