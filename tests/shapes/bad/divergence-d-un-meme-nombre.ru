DELETE { <montant/region-presse> cper:valeur ?v } INSERT { <montant/region-presse> cper:valeur "60000000"^^xsd:decimal } WHERE { <montant/region-presse> cper:valeur ?v }
