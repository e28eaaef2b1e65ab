import { type ChildProcess, exec, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../local/stack.ts'

/** What `npm start` runs, on ports of its own, and what it says. */
let started: ChildProcess
let said = ''
beforeAll(async () => {
  started = spawn(process.execPath, [`${ROOT}/dist/local/start.js`, '--free-ports'])
  await new Promise<void>((ready, failed) => {
    for (const out of [started.stdout, started.stderr])
      out?.on('data', (chunk) => {
        said += chunk
        if (said.includes('Ctrl-C stops everything')) ready()
      })
    started.once('exit', () => failed(new Error(said)))
  })
})
afterAll(() => void started.kill('SIGKILL'))

const addressOf = (what: string) => new RegExp(`^ +${what} +(\\S+)`, 'm').exec(said)?.[1] as string

test('the lines that it prints ask for a role, and the mail to the approver is in the mailbox it names', async () => {
  const lines = /^ {2}TOKEN=.*?\n {4}.*?\n {4}.*?\n {4}.*?'$/ms.exec(said)?.[0] as string
  const { stdout } = await promisify(exec)(lines, { shell: '/bin/sh' })
  expect(JSON.parse(stdout)).toMatchObject({
    status: 'PendingApproval',
    principal: { displayName: 'Ada Lovelace' },
  })
  const mailbox = () => fetch(addressOf('Mailbox')).then((answer) => answer.text())
  await expect
    .poll(mailbox, { timeout: 20_000 })
    .toMatch(/Review Ada Lovelace(&#39;|')s request to activate the Exchange/)
})

test('the clock moves as it says, and every address answers', async () => {
  const line = /Move the clock: +(.*)/.exec(said)?.[1] as string
  expect(JSON.parse((await promisify(exec)(line)).stdout)).toMatchObject({ offset: expect.any(Number) })
  const addresses = [...said.matchAll(/http:[^\s']+\/(?:api\/\w[\w.]+|mailbox|letters|)(?=\s)/g)].map(
    ([address]) => address,
  )
  expect(addresses.length).toBeGreaterThanOrEqual(5)
  for (const address of addresses)
    if (!address.endsWith('/requests'))
      expect([address, (await fetch(address)).status]).toEqual([address, 200])
})

test('the small organisation may do what it says', async () => {
  const may = async (who: string) => {
    const token = await fetch(`${addressOf('Tenant')}token?as=${who}`).then((answer) => answer.text())
    const roles = await fetch(addressOf('API').replace(/api\/.*/, 'api/me/roles'), {
      headers: { authorization: `Bearer ${token}` },
    }).then((answer) => answer.json())
    return (roles as { eligible: { title: string }[] }).eligible.map(({ title }) => title).sort()
  }
  expect(await may('ada')).toEqual(
    expect.arrayContaining(['Exchange Administrator', 'Reports Reader', 'User Administrator', 'Contributor']),
  )
  expect(await may('barbara')).toContain('Member of Tier Zero Operators')
})

test('it ends when it is asked to, and keeps nothing', async () => {
  started.kill('SIGINT')
  const [code] = await once(started, 'exit')
  expect([code, said]).toEqual([0, expect.stringContaining('Nothing was kept.')])
})
