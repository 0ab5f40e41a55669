DELETE { ?x dct:references cper:Axe } WHERE { ?x dct:references cper:Axe }
