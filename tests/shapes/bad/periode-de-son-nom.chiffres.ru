INSERT DATA { <periode> skos:prefLabel "12030 2036"@fr }
