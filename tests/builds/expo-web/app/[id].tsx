import { Text } from 'react-native'
export function generateStaticParams() { return [{ id: 'one', key: '@K:static-params@' }] }
export default function Item() { return <Text>@K:dynamic-route@</Text> }
