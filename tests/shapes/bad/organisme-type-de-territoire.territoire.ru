DELETE DATA { <../../organisme/fictif-departement> cper:territoire <../../territoire/fictif-iles> };
INSERT DATA { <../../organisme/fictif-departement> cper:territoire <../../territoire/fictif> }
