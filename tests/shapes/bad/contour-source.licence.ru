DELETE { ?x dct:license ?o } WHERE { <../../territoire/fictif> geo:hasGeometry ?x . ?x dct:license ?o }
