DELETE DATA { <montant/total> cper:nature <../../../def/code/nature-de-la-valeur/plus-de> };
INSERT DATA { <montant/total> cper:nature <../../../def/code/nature-de-la-valeur/exact> };
DELETE DATA { <montant/dont-relance> cper:nature <../../../def/code/nature-de-la-valeur/moins-de> };
INSERT DATA { <montant/dont-relance> cper:nature <../../../def/code/nature-de-la-valeur/exact> };
DELETE { <montant/dont-relance> cper:valeur ?v } INSERT { <montant/dont-relance> cper:valeur "240000000"^^xsd:decimal } WHERE { <montant/dont-relance> cper:valeur ?v }
