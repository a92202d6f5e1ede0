document.title = '@K:client-not-an-entry@'
