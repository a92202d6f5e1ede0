export default { profile: { title: 'Profil', help: '@K:lazy-dictionary@' } }
