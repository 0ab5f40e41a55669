DELETE DATA { <../fictif-2030-2036> dct:type <../../code/type-de-contrat/cper> }
