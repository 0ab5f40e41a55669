DELETE DATA { <etape/signature> prov:qualifiedAssociation <signataire/region> }
