DELETE { ?q sh:select ?t } WHERE { ?q a sh:SPARQLExecutable ; sh:select ?t }
