DELETE { ?x org:classification ?o } WHERE { BIND(<../../organisme/etat> AS ?x) ?x org:classification ?o }
