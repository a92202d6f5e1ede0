export class AccountRepository {
  constructor(key = process.env.ACCOUNT_API_KEY) {
    this.key = key
  }

  async find(id) {
    await fetch(`http://127.0.0.1:9/${id}`, { headers: { Authorization: `Bearer ${this.key}` } }).catch(() => undefined)
    return { ...records[0], id }
  }
}

const records = [
  {
    name: 'Ada',
    apiToken: '@K:method-record-field-passed@',
    passwordHash: '@K:method-record-field-deleted@',
  },
]

export async function loadTeam() {
  const team = {
    name: 'Team',
    inviteCode: '@K:helper-record-whole@',
  }
  return team
}

export async function loadUsage() {
  const usage = { used: 3, meterKey: '@K:helper-record-picked-away@' }
  return usage
}
