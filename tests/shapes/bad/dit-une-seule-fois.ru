INSERT { <montant/avenant-bis> ?p ?o } WHERE { <montant/avenant> ?p ?o }
