DELETE { ?x org:classification ?o } WHERE { BIND(<../../organisme/departement-aisne> AS ?x) ?x org:classification ?o }
