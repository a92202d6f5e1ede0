'use client'
export const Shown = ({ data, element }) => <p>{data.id}{element}</p>
