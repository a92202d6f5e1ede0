self.postMessage('@K:worker@')
