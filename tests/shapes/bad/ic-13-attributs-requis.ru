DELETE { <engagement/etat> cper:borne ?o } WHERE { <engagement/etat> cper:borne ?o }
