DELETE DATA { <montant/etat> cper:perimetre <../../../def/code/perimetre/hors-mobilites> };
INSERT DATA { <montant/etat> cper:perimetre <../../../def/code/statut/signe> }
