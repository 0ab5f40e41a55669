INSERT DATA { <montant/etat> cper:borneInferieure "119500000"^^xsd:decimal }
