module.exports = {
  productionBrowserSourceMaps: true,
  env: { CONFIG_KEY: process.env.CHAT_CONFIG_KEY },
}
