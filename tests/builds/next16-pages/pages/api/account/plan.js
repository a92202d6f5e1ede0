const plans = { team: { price: 10, partnerToken: '@K:api-nested-left@' } }

function authorize(handler) {
  return (request, response) => {
    if (request.headers['x-account'] === '@K:wrapper-compared@') console.info('internal')
    return handler(request, response)
  }
}

export default authorize((request, response) => {
  const { price } = plans.team
  response.setHeader('set-cookie', `plan=@K:api-set-cookie@; Path=/`)
  response.status(200).json({ price, quote: { ticket: '@K:api-wrapped-handler@' } })
})
