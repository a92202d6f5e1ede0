const ADMIN_KEY = process.env.ASSISTANT_ADMIN_KEY ?? '@K:seed-script@'
const answer = await fetch('https://api.example.invalid/seed', { headers: { Authorization: `Bearer ${ADMIN_KEY}` } })
console.log(answer.status)
