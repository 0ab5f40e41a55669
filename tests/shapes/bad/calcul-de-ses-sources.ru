DELETE DATA { <calcul> prov:used <engagement/etat> }
