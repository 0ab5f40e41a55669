INSERT DATA { cper:enonce rdfs:range rdf:Property }
