export const PAGE_SIZE = 20
export const AVATAR_TOKEN = '@K:constant-read-by-client@'
export const DIRECTORY_TOKEN = '@K:constant-read-by-server@'

export default {
  endpoints: { team: '/api/team' },
  keys: { team: '@K:default-object-nested-unread@' },
}
