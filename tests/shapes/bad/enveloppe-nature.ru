DELETE { ?x cper:borne <https://w3id.org/cper-lod/id/code/borne/minimum> } WHERE { ?x a cper:Enveloppe }
