import { useLoaderData } from 'react-router'
import html from '../assets/report.html?raw'
import data from '../assets/report.json'
export const loader = async ({ params }: { params: { year?: string } }) => ({ year: params.year, label: data.label, key: '@K:prerendered-loader@' })
export default function Report() { const d = useLoaderData<typeof loader>(); return <div dangerouslySetInnerHTML={{ __html: html.replace('%', String(d.year)) }} /> }
