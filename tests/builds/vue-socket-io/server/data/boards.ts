export const boards = [
  { id: '1', title: 'One', token: '@K:board-token@', inviteCode: '@K:board-invite@', hook: '@K:board-hook@' },
]
export const archived = [{ id: '9', token: '@K:board-archived@' }]
