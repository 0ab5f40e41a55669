DELETE DATA { <../fictif-2030-2036> cper:priorite <priorite/1> }
