DELETE { ?lecture dct:date ?jour } WHERE { <../../lien/fictif> prov:wasDerivedFrom ?lecture . ?lecture dct:date ?jour }
