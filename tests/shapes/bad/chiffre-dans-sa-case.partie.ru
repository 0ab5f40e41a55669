DELETE DATA { <montant/dont-relance> cper:partieDe <montant/total> };
INSERT DATA { <montant/dont-relance> cper:partieDe <axe/1> }
