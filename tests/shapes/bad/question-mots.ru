DELETE { ?q rdfs:comment ?mots } WHERE { ?q a sh:SPARQLExecutable ; rdfs:comment ?mots FILTER(LANG(?mots) = "en") }
