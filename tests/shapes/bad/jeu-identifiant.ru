DELETE { ?x dct:identifier ?o } WHERE { ?x dct:identifier ?o }
