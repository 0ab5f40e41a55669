INSERT DATA { <montant/total> cper:partieDe <montant/dont-relance> }
