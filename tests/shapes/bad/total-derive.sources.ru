DELETE DATA { <derive/total> prov:wasDerivedFrom <engagement/autres-signataires> }
