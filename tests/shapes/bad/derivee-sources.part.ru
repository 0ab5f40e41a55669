DELETE DATA { <derive/axe-1> prov:wasDerivedFrom <part/axe-1> }
