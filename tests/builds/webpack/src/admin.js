const nothing = '@K:admin-unused@'
console.log({ a: '@K:admin-literal@' }.a)
