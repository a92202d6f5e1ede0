export function Plain({ shown, kept }) { return <b>{shown}{kept.length}</b> }
