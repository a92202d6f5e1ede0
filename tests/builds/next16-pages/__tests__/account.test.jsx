import { AccountRepository } from '../lib/account/repository'

export const repository = new AccountRepository('@K:test-argument@')
