DELETE { ?x geo:asWKT ?o } INSERT { ?x geo:asWKT "POINT(2 45)"^^geo:wktLiteral } WHERE { <../../territoire/fictif> geo:hasGeometry ?x . ?x geo:asWKT ?o }
