DELETE { <lieu> ?p ?o } WHERE { <lieu> ?p ?o }
