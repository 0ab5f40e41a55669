DELETE DATA { <signataire/etat> prov:agent <../../organisme/fictif-etat> };
INSERT DATA { <signataire/etat> prov:agent <../../organisme/fictif-departement> }
