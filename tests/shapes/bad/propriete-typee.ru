DELETE { cper:siren a owl:DatatypeProperty } INSERT { cper:siren a rdf:Property } WHERE {}
