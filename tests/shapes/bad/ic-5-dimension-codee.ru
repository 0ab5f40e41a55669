DELETE { cper:axeConcerne rdfs:range ?o } INSERT { cper:axeConcerne rdfs:range skos:Concept } WHERE { cper:axeConcerne rdfs:range ?o }
