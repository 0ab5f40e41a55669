INSERT DATA { cper:financeur rdfs:range skos:Concept }
