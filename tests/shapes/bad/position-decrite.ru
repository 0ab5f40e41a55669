DELETE { ?x oa:start ?o } INSERT { ?x oa:start "début" } WHERE { ?x oa:start ?o }
