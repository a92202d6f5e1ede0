window.legacy = "@K:scripts-entry@"
