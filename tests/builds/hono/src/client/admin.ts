document.body.dataset.admin = '@K:client-admin-entry@'
if (import.meta.env.MODE === 'development') document.title = '@K:client-dev-mode@'
export {}
