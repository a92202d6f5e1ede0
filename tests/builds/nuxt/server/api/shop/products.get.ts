export default defineCachedEventHandler(async () => {
  return products.map((product) => ({ id: product.id, title: product.title, image: `/image?token=${product.imageToken}` }))
}, { maxAge: 60 })
