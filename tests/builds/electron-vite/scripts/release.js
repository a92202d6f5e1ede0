console.log('@K:release-script@')
