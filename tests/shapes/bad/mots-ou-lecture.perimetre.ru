INSERT DATA { <montant/axe-3-presse> cper:perimetre <../../../def/code/perimetre/hors-mobilites> }
