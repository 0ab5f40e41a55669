INSERT { ?t dcat:bbox "POLYGON((0 45,1 45,1 46,0 46,0 45))"^^geo:wktLiteral , "POLYGON((0 45,2 45,2 46,0 46,0 45))"^^geo:wktLiteral } WHERE { ?t a igeo:Region }
