const key = '@K:storage-browser@'
export default { put: async (name, value) => localStorage.setItem(key + name, JSON.stringify(value)) }
