'use client'
export const Row = ({ id }: any) => <b>{id}</b>
