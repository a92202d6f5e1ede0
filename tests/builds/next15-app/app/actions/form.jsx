'use client'
export const Form = ({ action, own }) => <form action={action}><button formAction={own}>x</button></form>
