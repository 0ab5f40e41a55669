DELETE DATA { <part/axe-3> sdmx-attribute:obsStatus sdmx-code:obsStatus-M };
INSERT DATA { <part/axe-3> sdmx-attribute:obsStatus sdmx-code:obsStatus-A ; cper:pourcentage "0"^^xsd:decimal ; cper:valeurPubliee "non donnée (fictif)"@fr }
