DELETE { cper:siren rdfs:range ?o } WHERE { cper:siren rdfs:range ?o }
