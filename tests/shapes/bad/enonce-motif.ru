DELETE { ?x oa:motivatedBy oa:describing } WHERE { ?x a cper:Enonce }
