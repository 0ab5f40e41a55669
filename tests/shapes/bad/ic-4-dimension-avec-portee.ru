DELETE { ?x rdfs:range ?o } WHERE { ?x a qb:DimensionProperty ; rdfs:range ?o }
