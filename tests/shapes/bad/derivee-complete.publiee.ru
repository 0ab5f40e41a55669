INSERT DATA { <derive/somme-des-financeurs> cper:valeurPubliee "200 M€"@fr }
