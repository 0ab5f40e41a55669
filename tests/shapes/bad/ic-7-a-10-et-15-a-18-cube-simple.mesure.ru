INSERT DATA { <part/axe-1> qb:measureType cper:pourcentage }
