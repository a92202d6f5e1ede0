const token = '@K:data-loader-constant@'
export default { load: () => ({ open: token.length, key: '@K:data-loader-returned@' }) }
