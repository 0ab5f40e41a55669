DELETE { cper:siren rdfs:domain ?o } WHERE { cper:siren rdfs:domain ?o }
