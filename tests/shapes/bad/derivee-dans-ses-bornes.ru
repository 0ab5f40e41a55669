DELETE { <derive/somme-des-financeurs> cper:valeur ?v } INSERT { <derive/somme-des-financeurs> cper:valeur "202000000"^^xsd:decimal } WHERE { <derive/somme-des-financeurs> cper:valeur ?v }
