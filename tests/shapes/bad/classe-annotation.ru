DELETE { ?x rdf:type oa:Annotation } WHERE { ?x a cper:Enonce }
