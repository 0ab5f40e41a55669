DELETE DATA { <decoupage/axes> cper:exclusif true }
