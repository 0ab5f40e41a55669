DELETE DATA { <montant/axe-3-presse> cper:lecture <lecture/divergences> }
