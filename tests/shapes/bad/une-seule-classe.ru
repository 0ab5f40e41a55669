INSERT DATA { <avenant/fictif> a cper:Contrat }
