window.k = '@K:side-effect@'
