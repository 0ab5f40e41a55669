DELETE DATA { <axe/1> cper:valeurDerivee <derive/axe-1> }
