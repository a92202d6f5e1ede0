export function init() { window.key = '@K:hook-client@' }
