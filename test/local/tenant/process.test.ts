import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
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

test('the tenant ends with whoever started it, however that ends', async () => {
  const script = `
    const { spawnTenant } = await import('./dist/local/spawn-tenant.js')
    console.log((await spawnTenant()).url)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(parent.stdout, 'data')) as [Buffer]
  const alive = () =>
    fetch(`${url}`.trim()).then(
      (answer) => answer.ok,
      () => false,
    )
  expect(await alive()).toBe(true)
  parent.kill('SIGKILL')
  await expect.poll(alive, { timeout: 5000 }).toBe(false)
})

test('under another host name the tenant is not to be had', async () => {
  const tenant = await spawnTenant()
  const call = request(`${tenant.url}/control/state`, { headers: { host: 'evil.example' } }).end()
  const [answer] = await once(call, 'response')
  expect(answer.statusCode).toBe(421)
  answer.resume()
  await tenant.stop()
})

test('the first page names the people', async () => {
  const tenant = await spawnTenant()
  expect(await (await fetch(tenant.url)).text()).toContain('Ada Lovelace')
  expect((await fetch(`${tenant.url}/nonsense`)).status).toBe(404)
  await tenant.stop()
})
