DELETE { ?q sh:select ?t } INSERT { ?q sh:ask "ASK {}" } WHERE { ?q sh:select ?t }
