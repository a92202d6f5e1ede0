import { Text } from 'react-native'
export const Card = ({ label }: any) => <Text>{label.length}</Text>
export const Other = () => <Text>@K:component-unused@</Text>
