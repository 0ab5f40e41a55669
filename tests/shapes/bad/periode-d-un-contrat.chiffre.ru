INSERT DATA { <chiffre/autre> dct:temporal <periode/2030-2031> ; cper:contrat <../autre-2030-2036> . <../autre-2030-2036> a cper:Contrat }
