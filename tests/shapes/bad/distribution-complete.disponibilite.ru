DELETE { ?x dcatap:availability ?o } WHERE { ?x dcatap:availability ?o }
