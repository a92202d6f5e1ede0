import { Stack } from 'expo-router'
// @K:comment@
export default function Layout() { return <Stack screenOptions={{ title: '@K:layout-title@' }} /> }
