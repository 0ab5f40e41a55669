DELETE DATA { <priorite/1> cper:contrat <../fictif-2030-2036> };
INSERT DATA { <priorite/1> cper:contrat <../fictif-autre> }
