DELETE DATA { <../hauts-de-france-2021-2027/priorite/4> cper:axe <../hauts-de-france-2021-2027/axe/6> }
