DELETE { ?x org:classification ?o } WHERE { BIND(<../../organisme/region-hauts-de-france> AS ?x) ?x org:classification ?o }
