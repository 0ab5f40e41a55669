DELETE DATA { <montant/region> cper:financeur <../../organisme/fictif-region> };
INSERT DATA { <montant/region> cper:financeur <../../organisme/fictif-etat> }
