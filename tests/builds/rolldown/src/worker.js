self.postMessage('@K:worker-not-bundled@')
