INSERT DATA { <../fictif-2030-2036> cper:articuleAvec <axe/1> }
