DELETE DATA { <../../organisme/fictif-region> org:classification <../../code/type-d-organisme/region> };
INSERT DATA { <../../organisme/fictif-region> org:classification <../../code/type-d-organisme/departement> }
