INSERT DATA { <montant/etat-ancien> prov:wasRevisionOf <montant/etat> }
