INSERT DATA { <avenant/fictif> a cper:ContratDePlan }
