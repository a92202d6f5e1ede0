import type { InjectionKey } from 'vue'

export const TrackerKey: InjectionKey<{ token: string }> = Symbol('tracker')
export const tracker = { token: '@K:provided-through-symbol@' }
export const noTracker = { token: '@K:exported-object-unused@' }
