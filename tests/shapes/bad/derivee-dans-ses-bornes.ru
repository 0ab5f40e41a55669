DELETE { <derive/somme-des-financeurs> cper:valeur ?v } INSERT { <derive/somme-des-financeurs> cper:valeur "000000202000000"^^cper:nombre } WHERE { <derive/somme-des-financeurs> cper:valeur ?v }
