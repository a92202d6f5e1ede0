exports.send = () => Promise.resolve({ token: '@K:module-replaced@' })
