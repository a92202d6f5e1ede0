import { app, BrowserWindow, ipcMain } from 'electron'
import { join } from 'node:path'
import { helper } from './helper'
// @K:main-comment@
const unused = '@K:main-unused@'
const table = { open: 'a', hidden: '@K:main-object-unread@' }
if (!app.isPackaged) console.log('@K:main-not-packaged@')
if (import.meta.env.DEV) console.log('@K:main-dev@')
if (process.env.NODE_ENV === 'development') console.log('@K:main-node-env@')
ipcMain.handle('key', () => '@K:main-ipc@' + helper() + table.open + __MAIN__)
app.whenReady().then(() => {
  const window = new BrowserWindow({ webPreferences: { preload: join(__dirname, '../preload/index.js') } })
  fetch('https://example.invalid', { headers: { Authorization: import.meta.env.MAIN_VITE_CHAT_KEY, other: process.env.CHAT_PRIVATE_KEY, third: import.meta.env.VITE_CHAT_KEY } })
  window.loadFile(join(__dirname, '../renderer/index.html'))
})
