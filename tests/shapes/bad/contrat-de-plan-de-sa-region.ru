DELETE { ?t a igeo:Region } INSERT { ?t a igeo:Departement } WHERE { ?c a cper:Contrat ; cper:territoire ?t . ?t a igeo:Region }
