DELETE DATA { <montant/etat> cper:financeur <../../organisme/fictif-etat> }
