INSERT DATA { <part/axe-1> prov:wasGeneratedBy <calcul> }
