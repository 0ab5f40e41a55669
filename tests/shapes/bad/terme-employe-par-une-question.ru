DELETE { ?x dct:references cper:Montant } WHERE { ?x dct:references cper:Montant }
