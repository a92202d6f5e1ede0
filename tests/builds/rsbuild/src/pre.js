window.pre = '@K:pre-entry@'
