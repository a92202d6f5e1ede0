const key = '@K:storage-node@'
export default { put: async () => key.toUpperCase() }
