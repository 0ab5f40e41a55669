DELETE DATA { <etape/avenant> cper:avenant <avenant/fictif> }
