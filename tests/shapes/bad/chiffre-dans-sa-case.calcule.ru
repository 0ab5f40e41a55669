INSERT DATA { <montant/etat> cper:borneInferieure "000000119500000"^^cper:nombre }
