INSERT DATA { <etape/avenant> prov:atLocation <axe/3> }
