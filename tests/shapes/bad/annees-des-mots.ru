DELETE { <enonce/presse> oa:exact ?o } INSERT { <enonce/presse> oa:exact "la Région donne 61 M€ pour la période 2031-2033" ; cper:atteste cper:valeur } WHERE { <enonce/presse> oa:exact ?o }
