export { default as BoardCard } from './BoardCard.vue'
export { default as BoardAdmin } from './BoardAdmin.vue'
