export const star = ['@K:barrel-star-unused@']
