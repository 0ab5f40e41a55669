DELETE { ?x org:role ?o } WHERE { BIND(<../hauts-de-france-2021-2027/signataire/amiens-metropole> AS ?x) ?x org:role ?o }
