DELETE { ?x dct:accessRights ?o } INSERT { ?x dct:accessRights <https://example.org/faux> } WHERE { ?x dct:accessRights ?o }
