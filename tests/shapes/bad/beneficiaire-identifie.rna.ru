DELETE { ?qui cper:rna ?avant } INSERT { ?qui cper:rna "000000001" } WHERE { ?qui cper:rna ?avant }
