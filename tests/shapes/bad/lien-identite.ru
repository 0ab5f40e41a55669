DELETE { ?x skos:exactMatch ?o } INSERT { ?x skos:exactMatch <https://www.wikidata.org/wiki/Q1> } WHERE { ?x skos:exactMatch ?o }
