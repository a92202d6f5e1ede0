import { defineConfig } from 'vite'
import { tanstackStart } from '@tanstack/react-start/plugin/vite'
import react from '@vitejs/plugin-react'
export default defineConfig({ plugins: [tanstackStart(), react()], define: { __KEY__: JSON.stringify('@K:define-read@') } })
