INSERT DATA { <derive/somme-des-financeurs> cper:montantTotal 200000000.0 }
