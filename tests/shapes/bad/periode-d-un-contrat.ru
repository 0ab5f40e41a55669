INSERT DATA { <../autre-2030-2036> a cper:Contrat ; dct:temporal <periode> }
