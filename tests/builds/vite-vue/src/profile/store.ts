import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { profileApi } from './api'

export const useProfile = defineStore('profile', () => {
  const name = ref('')
  const accessToken = ref<string | null>('@K:setup-store-ref@')
  const signedIn = computed(() => accessToken.value !== null)

  async function load(user: string) {
    const answer = await profileApi.get<{ name: string }>(`/${user}`)
    name.value = answer.name
  }

  function $reset() {
    name.value = ''
    accessToken.value = '@K:setup-store-reset@'
  }

  return { name, accessToken, signedIn, load, $reset }
})
