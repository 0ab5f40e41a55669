DELETE { ?p sh:namespace ?n } INSERT { ?p sh:namespace "http://www.w3.org/ns/org#" } WHERE { ?p sh:prefix "org" ; sh:namespace ?n }
