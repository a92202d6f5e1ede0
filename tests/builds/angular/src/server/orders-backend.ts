const rows = [
  {
    id: 1,
    title: 'Books',
    receiptToken: '@K:server-rows-answered@',
    marginToken: '@K:server-rows-left@',
  },
]

class Warehouse {
  static readonly region = 'eu'
  private readonly key = '@K:server-class-field@'

  async stock(id: number) {
    const answer = await fetch(`http://127.0.0.1:9/${id}`, { headers: { Authorization: this.key } }).catch(() => undefined)
    return answer?.status ?? 0
  }
}

const warehouse = new Warehouse()

export const orderSummary = () => ({
  region: Warehouse.region,
  orders: rows.map(({ id, title, receiptToken }) => ({ id, title, receiptToken })),
})

export const ordersBackend = {
  latest: async () => ({
    title: rows[0].title,
    stock: await warehouse.stock(1),
    traceToken: '@K:transfer-state-object@',
  }),
}
