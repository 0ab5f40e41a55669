INSERT DATA { <etape/autre> cper:avenant <avenant/fictif> ; adms:status <../../../def/code/statut/approuve> ; cper:enonce <enonce/tout> . <enonce/tout> cper:atteste adms:status }
