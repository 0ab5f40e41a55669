DELETE { <enonce/presse> oa:exact ?o } INSERT { <enonce/presse> oa:exact "les besoins sont de près de 61 M€" ; cper:atteste cper:valeur } WHERE { <enonce/presse> oa:exact ?o }
