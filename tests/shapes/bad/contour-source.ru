DELETE { ?x prov:wasDerivedFrom ?o } WHERE { <../../territoire/fictif> geo:hasGeometry ?x . ?x prov:wasDerivedFrom ?o }
