INSERT DATA { <enonce/presse> cper:atteste cper:valeur . <montant/presse> a cper:Montant ; cper:valeurPubliee "61 M€"@fr ; cper:enonce <enonce/presse> }
