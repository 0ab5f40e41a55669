DELETE { <../../../def/code/type-d-organisme/etat> skos:inScheme ?o } WHERE { <../../../def/code/type-d-organisme/etat> skos:inScheme ?o }
