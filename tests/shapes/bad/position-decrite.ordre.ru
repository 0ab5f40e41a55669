DELETE { ?x oa:end ?o } INSERT { ?x oa:end 0 } WHERE { ?x oa:end ?o }
