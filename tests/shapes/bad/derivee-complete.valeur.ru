DELETE DATA { <derive/somme-des-financeurs> cper:valeur "200000000"^^xsd:decimal }
