DELETE { <montant/etat> cper:montantParFinanceur ?m } INSERT { <montant/etat> cper:montantParFinanceur 70000000.0 } WHERE { <montant/etat> cper:montantParFinanceur ?m }
