DELETE { <engagement/etat> obeu-attribute:currency ?o } WHERE { <engagement/etat> obeu-attribute:currency ?o }
