import { createContext, useContext } from 'react'
export const StateContext = createContext({ items: [], key: '@K:context-default@' })
export const useAppState = () => useContext(StateContext)
