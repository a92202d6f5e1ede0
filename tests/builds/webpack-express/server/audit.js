export const audit = (key) => (req, res, next) => { res.set('x-audit', key.length + ''); next() }
