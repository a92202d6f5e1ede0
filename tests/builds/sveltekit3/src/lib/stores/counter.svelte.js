class Drafts {
  items = $state([])
  key = $state('@K:class-rune-state@')
  size = $derived(this.items.length)

  save() {
    return fetch('/api/inbox', { method: 'POST', headers: { 'x-draft-key': this.key }, body: JSON.stringify(this.items) })
  }
}

export const drafts = new Drafts()
