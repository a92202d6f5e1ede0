import { createContext, useContext, useReducer } from 'react'

const AssistantContext = createContext({
  token: '@K:context-default@',
})

function reducer(state, action) {
  switch (action.type) {
    case 'signed-in':
      return { ...state, token: action.token }
    case 'signed-out':
      return {
        ...state,
        token: '@K:reducer-case@',
      }
    default:
      return state
  }
}

export function AssistantProvider({ children }) {
  const [state, dispatch] = useReducer(reducer, { token: '' })
  return <AssistantContext.Provider value={{ ...state, dispatch }}>{children}</AssistantContext.Provider>
}

export const useAssistantToken = () => useContext(AssistantContext)

export function withToken(Wrapped, token) {
  return function WithToken(props) {
    return <Wrapped token={token} {...props} />
  }
}
