DELETE { ?x oa:exact ?o } INSERT { ?x oa:exact "d'autres mots (fictif)"@fr } WHERE { ?x oa:exact ?o }
