const stringify = (o) => Object.keys(o).reduce((all, k) => ({ ...all, [k]: JSON.stringify(o[k]) }), {})
exports.defines = stringify({ __TENANT__: 'default', __WIDGET__: '@K:define-helper@', __BOTH__: '@K:define-server-only-read@' })
exports.deploy = { token: '@K:settings-deploy@' }
