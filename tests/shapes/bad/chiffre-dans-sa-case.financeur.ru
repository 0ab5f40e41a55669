DELETE DATA { <montant/etat> cper:financeur <../../organisme/fictif-etat> };
INSERT DATA { <montant/etat> cper:financeur <../../territoire/fictif> }
