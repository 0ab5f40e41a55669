DELETE { ?x dct:identifier ?o } INSERT { ?x dct:identifier "le-meme-fictif" } WHERE { ?x dct:identifier ?o }
