DELETE { ?x schema:position ?o } INSERT { ?x schema:position "début" } WHERE { ?x schema:position ?o }
