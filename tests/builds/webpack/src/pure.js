const key = '@K:pure-module@'
