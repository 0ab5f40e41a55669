INSERT DATA { <montant/autres> cper:partieDe <montant/total> }
