INSERT DATA { <enonce/etat> cper:atteste cper:minimum }
