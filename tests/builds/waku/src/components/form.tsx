'use client'
export const Form = ({ action, own }: any) => <button title='@K:form-attribute@' onClick={async () => { await action(); await own() }}>x</button>
