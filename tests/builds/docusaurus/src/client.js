if (typeof window !== "undefined") window.k = '@K:client-module@'
