import { USAGE_KEY, QUOTA_KEY } from '$app/env/private'
import { LABEL_KEY } from '$app/env/public'
import { quota } from '../../server/quota.js'
export async function load() {
  await quota(QUOTA_KEY, LABEL_KEY)
  return { usage: USAGE_KEY }
}
