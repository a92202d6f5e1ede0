self.postMessage('@K:worker@') // @K:worker-comment@
