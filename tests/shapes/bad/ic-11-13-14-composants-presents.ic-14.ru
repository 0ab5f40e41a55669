DELETE { <part/axe-1> cper:pourcentage ?o } WHERE { <part/axe-1> cper:pourcentage ?o }
