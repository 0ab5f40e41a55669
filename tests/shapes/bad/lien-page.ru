DELETE { ?x rdfs:seeAlso ?o } INSERT { ?x rdfs:seeAlso <http://www.fictif.com/contrat> } WHERE { ?x a cper:Contrat ; rdfs:seeAlso ?o }
