DELETE DATA { <montant/etat> cper:pas "000000001000000"^^cper:nombre }
