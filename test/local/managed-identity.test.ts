import { afterAll, expect, inject, test } from 'vitest'
import { type HostProcess, spawnHost } from '../../local/host/spawn.ts'
import { ROOT } from '../../local/stack.ts'
import { spawnTenant, type TenantProcess } from '../../local/tenant/spawn.ts'
import { endpoint } from '../support/listening.ts'
import { newHub } from './host/support.ts'

let tenant: TenantProcess | undefined
let host: HostProcess | undefined
afterAll(() => Promise.all([host?.kill(), tenant?.stop()]))

test('without a client secret the built app asks the platform for the tokens of its managed identity', async () => {
  tenant = await spawnTenant()
  const { ENTRA_CLIENT_SECRET: secret, ...settings } = tenant.settings()
  const asked: (string | string[] | undefined)[][] = []
  /** What App Service puts beside an app: it answers whoever knows the header. */
  const platform = await endpoint('/msi/token', async ({ url, headers }, answer) => {
    const resource = new URL(`${url}`, 'http://platform').searchParams.get('resource') ?? ''
    asked.push([resource, headers['x-identity-header']])
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: settings.ENTRA_CLIENT_ID as string,
      client_secret: secret as string,
      scope: `${resource}/.default`,
    })
    const from = `${settings.ENTRA_AUTHORITY}/${settings.ENTRA_TENANT_ID}/oauth2/v2.0/token`
    const given = (await (await fetch(from, { method: 'POST', body })).json()) as { access_token: string }
    answer.writeHead(200, { 'content-type': 'application/json' })
    answer.end(JSON.stringify({ ...given, expires_on: `${Math.floor(Date.now() / 1000) + 3600}`, resource }))
  })
  host = await spawnHost({
    root: ROOT,
    env: {
      ...settings,
      AzureWebJobsStorage: inject('storage'),
      TASKHUB_NAME: newHub(),
      LINK_SIGNING_KEYS: 'a-local-key-that-signs-links-and-is-nobodys-secret',
      PUBLIC_URL: 'http://127.0.0.1:7071',
      IDENTITY_ENDPOINT: platform,
      IDENTITY_HEADER: 'known to the app alone',
    },
  })
  const authorization = `Bearer ${await tenant.token('katherine')}`
  const roles = await fetch(`${host.url}/api/roles`, { headers: { authorization } })
  expect(roles.status).toBe(200)
  expect(asked).toEqual([['https://graph.microsoft.com', 'known to the app alone']])
})
