DELETE { <montant/etat> cper:valeur ?v } INSERT { <montant/etat> cper:valeur "21000000"^^xsd:decimal } WHERE { <montant/etat> cper:valeur ?v }
