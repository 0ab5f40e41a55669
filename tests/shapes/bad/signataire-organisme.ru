DELETE DATA { <signataire/etat> prov:agent <../../organisme/fictif-etat> }
