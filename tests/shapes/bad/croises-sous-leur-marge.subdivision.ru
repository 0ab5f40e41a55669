DELETE { <montant/axe-1> cper:montantParSubdivision ?m } INSERT { <montant/axe-1> cper:montantParSubdivision 100000000.0 } WHERE { <montant/axe-1> cper:montantParSubdivision ?m }
