DELETE { ?x org:classification ?o } WHERE { BIND(<../../organisme/amiens-metropole> AS ?x) ?x org:classification ?o }
