DELETE DATA { <signataire/region> prov:agent <../../organisme/fictif-region> };
INSERT DATA { <signataire/region> prov:agent <../../organisme/fictif-etat> }
