DELETE DATA { <montant/region> cper:perimetre <../../code/perimetre/hors-mobilites> }
