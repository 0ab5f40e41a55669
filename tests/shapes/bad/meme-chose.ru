DELETE DATA { <montant/region-presse> cper:divergeDe <montant/region> };
INSERT DATA { <montant/region-presse> cper:divergeDe <montant/etat> }
