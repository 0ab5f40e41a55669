DELETE DATA { <decoupage/axes> cper:lecture <lecture/axes> ; cper:exclusif true }
