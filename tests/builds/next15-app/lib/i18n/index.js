export const getMessages = async (locale) => (await import(`./${locale}.json`)).default
