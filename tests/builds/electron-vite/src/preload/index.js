import { contextBridge } from 'electron'
contextBridge.exposeInMainWorld('own', { key: '@K:preload-literal@', env: import.meta.env.PRELOAD_VITE_CHAT_KEY })
const gone = '@K:preload-unused@'
