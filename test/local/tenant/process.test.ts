import { expect, test } from 'vitest'
import { CLIENT_ID, TENANT_ID } from '../../../local/tenant/seed.ts'
import { spawnTenant } from '../../../local/tenant/spawn.ts'

test('the tenant starts on a free port, says its settings, and stops at once', async () => {
  const tenant = await spawnTenant()
  expect(tenant.settings()).toMatchObject({
    ENTRA_TENANT_ID: TENANT_ID,
    ENTRA_CLIENT_ID: CLIENT_ID,
    ENTRA_AUTHORITY: tenant.url,
    GRAPH_URL: `${tenant.url}/v1.0`,
    LOCAL_CLOCK_URL: `${tenant.url}/control/clock`,
  })
  const hanging = tenant.fault({ kind: 'hang' }).then(() => fetch(`${tenant.url}/v1.0/users`))
  hanging.catch(() => undefined)
  const before = Date.now()
  await tenant.stop()
  await tenant.stop()
  expect(Date.now() - before).toBeLessThan(2000)
  await expect(fetch(tenant.url)).rejects.toThrow()
})

test('a busy port is told in one sentence', async () => {
  const first = await spawnTenant()
  const port = Number(new URL(first.url).port)
  await expect(spawnTenant({ port })).rejects.toThrow(
    `The simulated tenant cannot listen on port ${port}: it is in use by another program.`,
  )
  await first.stop()
})

test('the first page names the people', async () => {
  const tenant = await spawnTenant()
  expect(await (await fetch(tenant.url)).text()).toContain('Ada Lovelace')
  expect((await fetch(`${tenant.url}/nonsense`)).status).toBe(404)
  await tenant.stop()
})
