import Head from 'next/head'
import dynamic from 'next/dynamic'
import { PLANS } from '../../lib/account/plans'
import { accountKey, stage } from '../../lib/account/config'
import { discountFor } from '../../lib/account/discounts'
import { AccountRepository, loadTeam, loadUsage } from '../../lib/account/repository'
import { useAccountApi } from '../../components/account/use-account-api'

const Chart = dynamic(() => import('../../components/account/chart'), { loading: () => <p>Loading</p> })
const CSRF_SALT = '@K:page-constant-server-only@'

export default function Account({ account, team, used, discount, portal }) {
  const api = useAccountApi()
  return (
    <main>
      <Head><meta name="account-verification" content="@K:head-component@" /></Head>
      <h1>{account.name} of {team.name}</h1>
      <a href={`${stage.portal}?key=${stage.key}`}>{portal.label}</a>
      <select onChange={(event) => api.choose(event.target.value, accountKey)}>
        {PLANS.map((plan) => <option key={plan.id} data-coupon={plan.coupon}>{plan.label}</option>)}
      </select>
      <Chart used={used} discount={discount} />
    </main>
  )
}

export async function getServerSideProps({ res, query }) {
  const account = await new AccountRepository().find(1)
  delete account.passwordHash
  res.setHeader('x-account', '@K:set-header-in-props@')
  if (query.old === '1') return { redirect: { destination: '/?key=@K:props-redirect@', permanent: false } }
  const { used } = await loadUsage()
  return {
    props: {
      account,
      team: await loadTeam(),
      used,
      discount: discountFor('partner') + CSRF_SALT.length,
      portal: { label: 'Portal', token: process.env.ACCOUNT_PORTAL_KEY },
    },
  }
}
