INSERT DATA { <montant/etat> cper:financeur <../../organisme/fictif-region> }
