DELETE { ?qui subv:rna ?avant } INSERT { ?qui subv:rna "000000001" } WHERE { ?qui subv:rna ?avant }
