DELETE DATA { <decoupage/axes> cper:exclusif true }; INSERT DATA { <decoupage/axes> cper:exclusif false }
