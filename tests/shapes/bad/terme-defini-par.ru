DELETE { ?x rdfs:isDefinedBy ?o } WHERE { ?x a owl:Class ; rdfs:isDefinedBy ?o }
