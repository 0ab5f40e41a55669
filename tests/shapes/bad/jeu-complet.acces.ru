DELETE { ?x dct:accessRights ?o } WHERE { ?x a dcat:Dataset ; dct:accessRights ?o }
