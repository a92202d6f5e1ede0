process.env.KEY = '@K:jest-setup@'
