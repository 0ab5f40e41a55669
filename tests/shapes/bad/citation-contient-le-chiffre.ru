DELETE { ?x cper:citation ?o } INSERT { ?x cper:citation "État : beaucoup (fictif)"@fr } WHERE { ?x cper:citation ?o . FILTER(?x = <enonce/etat>) }
