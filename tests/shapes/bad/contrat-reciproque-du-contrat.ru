DELETE DATA { <axe/1> cper:contrat <../fictif-2030-2036> . <priorite/1> cper:contrat <../fictif-2030-2036> }
