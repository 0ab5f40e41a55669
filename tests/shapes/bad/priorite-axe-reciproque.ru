DELETE DATA { <axe/1> cper:sert <priorite/1> }
