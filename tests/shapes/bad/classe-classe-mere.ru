DELETE { ?x rdfs:subClassOf ?o } WHERE { ?x a owl:Class ; rdfs:subClassOf ?o }
