INSERT DATA { <axe/2> cper:theme <../../../def/code/theme/mobilites> }
