DELETE DATA { <montant/region> cper:perimetre <../../../def/code/perimetre/hors-mobilites> }
