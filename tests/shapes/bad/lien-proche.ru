DELETE { ?x skos:closeMatch ?o } INSERT { ?x skos:closeMatch <https://example.org/faux> } WHERE { ?x skos:closeMatch ?o }
