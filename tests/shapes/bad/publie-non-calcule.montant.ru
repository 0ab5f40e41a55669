INSERT DATA { <engagement/etat> cper:montantDerive "120000000"^^xsd:decimal }
