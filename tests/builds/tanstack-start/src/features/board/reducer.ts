export type State = { open: boolean; token: string }
export type Action = { type: 'open' } | { type: 'reset' }

export const initial: State = { open: false, token: '@K:reducer-initial@' }
export const demo: State = { open: true, token: '@K:reducer-demo-unused@' }

export function reducer(state: State, action: Action): State {
  switch (action.type) {
    case 'open':
      return { ...state, open: true }
    case 'reset':
      return initial
  }
}

export const KINDS = {
  text: { icon: 'T', token: '@K:as-const-map-read@' },
  image: { icon: 'I', token: '' },
} as const
