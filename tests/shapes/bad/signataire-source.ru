DELETE DATA { <signataire/region> prov:wasDerivedFrom <http://id.insee.fr/geo/region/999> };
INSERT DATA { <signataire/region> prov:wasDerivedFrom <http://id.insee.fr/geo/region/998> }
