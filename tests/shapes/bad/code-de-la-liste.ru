DELETE DATA { <montant/etat> cper:perimetre <../../code/perimetre/hors-mobilites> };
INSERT DATA { <montant/etat> cper:perimetre <../../code/statut/signe> }
