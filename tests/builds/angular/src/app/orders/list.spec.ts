import { OrderList } from './list'

export const component = OrderList
export const token = '@K:spec-constant@'
