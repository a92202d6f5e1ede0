document.title = '@K:script-of-page-not-input@'
