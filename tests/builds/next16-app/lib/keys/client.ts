export const MAP_KEY = '@K:barrel-sibling-read@'
