DELETE { ?x dct:created ?o } WHERE { ?x dct:subject ?r ; dct:created ?o }
