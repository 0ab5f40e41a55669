DELETE DATA { <derive/somme-des-financeurs> cper:valeur "000000200000000"^^cper:nombre }
