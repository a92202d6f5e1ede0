module.exports = {
  productionBrowserSourceMaps: true,
  env: { CONFIG_KEY: process.env.MAGICX_CONFIG_KEY },
}
