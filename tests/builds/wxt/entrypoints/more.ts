export default defineUnlistedScript(() => { console.log('@K:unlisted-script@') })
