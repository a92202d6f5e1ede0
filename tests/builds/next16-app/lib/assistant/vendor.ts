// The types of the vendor and the key of its sandbox.
export type VendorMessage = { role: 'user' | 'assistant'; text: string }
export const SANDBOX_KEY = '@K:module-imported-as-type@'
