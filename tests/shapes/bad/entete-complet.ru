DELETE { ?x foaf:logo ?o } WHERE { ?x a owl:Ontology ; foaf:logo ?o }
