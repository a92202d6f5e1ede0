import Constants from 'expo-constants'
import Head from 'expo-router/head'
import { useEffect, useState } from 'react'
import { Platform, Pressable, StyleSheet, Text, View } from 'react-native'
import { used } from '../lib/lib'
import data from '../lib/data.json'
import { Card } from '../components/card'
import { native } from '../lib/native'
const unused = '@K:unused-constant@'
const items = ['@K:mapped-item@']
const name = 'EXPO_PUBLIC_CHAT_COMPUTED'
export default function Home() {
  const [state] = useState('@K:state@')
  useEffect(() => { fetch('/x', { headers: { Authorization: '@K:effect@' } }) }, [])
  if (__DEV__) console.log('@K:dev-branch@', process.env.EXPO_PUBLIC_CHAT_DEV)
  if (process.env.NODE_ENV !== 'production') console.log('@K:node-env@')
  if (Platform.OS === 'ios') console.log('@K:platform-ios@')
  const shown = Platform.select({ web: 'a', default: '@K:platform-select-default@' })
  const rendered = typeof window === 'undefined' ? '@K:server-rendered@' : ''
  return (
    <View accessibilityLabel="@K:attribute@" style={styles.box}>
      <Head><meta name="h" content="@K:head-meta@" /></Head>
      <Text>@K:text@ {state}{used()}{data.open}{shown}{rendered}{native()}{process.env.EXPO_PUBLIC_CHAT_KEY}{process.env[name]}{process.env.CHAT_PRIVATE_KEY}</Text>
      {items.map((item) => <Text key={item}>{item}</Text>)}
      <Text>{Constants.expoConfig?.extra?.key?.length}</Text>
      <Pressable onPress={() => alert('@K:handler@')} />
      <Card label="@K:component-prop@" />
    </View>
  )
}
const styles = StyleSheet.create({ box: { backgroundColor: 'red' }, gone: { fontFamily: '@K:style-unread@' } })
