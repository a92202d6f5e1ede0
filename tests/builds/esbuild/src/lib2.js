const key = '@K:through-function@'
export function used() { return key }
export function unused() { return '@K:unused-export@' }
export class Client { static key = '@K:unused-class@' }
