DELETE DATA { <etape/avenant> cper:avenant <avenant/fictif> };
INSERT DATA { <etape/avenant> cper:avenant <axe/3> }
