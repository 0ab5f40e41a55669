DELETE { ?q sh:select ?t } INSERT { ?q sh:select ?u }
WHERE { ?q sh:select ?t BIND(REPLACE(?t, "PREFIX rdfs: <[^>]*>", "PREFIX rdfs: <http://example.org/>") AS ?u) }
