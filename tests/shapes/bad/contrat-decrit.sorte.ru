DELETE DATA { <../fictif-2030-2036> dct:type <../../../def/code/type-de-contrat/cper> }
