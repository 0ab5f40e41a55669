DELETE { <enonce/presse> oa:exact ?o } INSERT { <enonce/presse> oa:exact "estimée à 61 M€" ; cper:atteste cper:valeur } WHERE { <enonce/presse> oa:exact ?o }
