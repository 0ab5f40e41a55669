DELETE { ?p sh:prefix "org" } INSERT { ?p sh:prefix "org:" } WHERE { ?p sh:prefix "org" }
