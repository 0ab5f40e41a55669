INSERT DATA { <montant/etat-ancien> cper:divergeDe <montant/etat> }
