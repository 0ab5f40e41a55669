DELETE { ?x foaf:page ?o } INSERT { ?x foaf:page <http://www.fictif.com/contrat> } WHERE { ?x foaf:page ?o }
