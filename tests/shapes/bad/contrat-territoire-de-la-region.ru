DELETE DATA { <../fictif-2030-2036> cper:territoire <../../territoire/fictif> };
INSERT DATA { <../fictif-2030-2036> cper:territoire <../../territoire/autre> }
