import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { acsMailer } from '../../src/adapters/mailer.ts'
import type { Mail } from '../../src/ports.ts'

/** Answers each mail with the status that its subject names. */
let asked = 0
let sent = ''
const server = createServer((req, res) => {
  let body = ''
  req.on('data', (chunk) => {
    body += chunk
  })
  req.on('end', () => {
    asked++
    if (req.method === 'POST') sent = body
    const status = Number(/"subject":"(\d+)"/.exec(body)?.[1] ?? 200)
    const { port } = server.address() as AddressInfo
    res.writeHead(req.method === 'POST' ? status : 200, {
      'operation-location': `http://127.0.0.1:${port}/emails/operations/1`,
      'content-type': 'application/json',
    })
    res.end('{"id":"1","status":"Succeeded"}')
  })
})
beforeAll(() => new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready)))
afterAll(() => server.closeAllConnections())

const mail = (status: number, more: Partial<Mail> = {}): Mail => ({
  to: { id: 'ada', displayName: 'Ada', mail: 'ada@contoso.example' },
  subject: `${status}`,
  text: 'it',
  html: 'it',
  isPressing: false,
  ...more,
})

function clocked(quota = { perMinute: 1000, perHour: 10 }) {
  const clock = { now: Date.parse('2030-01-01T09:00:00Z') }
  const { port } = server.address() as AddressInfo
  const connectionString = `endpoint=http://127.0.0.1:${port};accesskey=a2V5`
  asked = 0
  return { clock, mailer: acsMailer({ connectionString }, 'interim@contoso.example', quota, () => clock.now) }
}

test('a mail that is refused for a day is asked about less and less often, and holds no other up', async () => {
  const { clock, mailer } = clocked()
  for (let minute = 0; minute < 24 * 60; minute++) {
    await expect(mailer.send(mail(400), 'the one')).rejects.toThrow('The mail service')
    clock.now += 60_000
  }
  expect(asked).toBeLessThan(30)
  expect(mailer.opensAt(false)).toBeNull()
  await expect(mailer.send(mail(202), 'another')).resolves.toBeUndefined()
})

test('an outage uses up nothing: when it is over mails go out', async () => {
  const { mailer } = clocked()
  for (let n = 0; n < 30; n++)
    await expect(mailer.send(mail(503), `mail ${n}`)).rejects.toThrow('did not take')
  expect(mailer.opensAt(false)).toBeNull()
  await expect(mailer.send(mail(202), 'mail 1')).resolves.toBeUndefined()
})

test.each([
  ['Ada Lovelace', { displayName: 'Ada Lovelace' }],
  ['Ada\r\nBcc: all@contoso.example', { displayName: 'Ada Bcc: all@contoso.example' }],
  ['\u202eecalevoL adA', { displayName: 'ecalevoL adA' }],
  ['x'.repeat(300), { displayName: 'x'.repeat(100) }],
  [' ', {}],
  [null as unknown as string, {}], // the directory has people without a name
])('whoever is called %j gets their mail, and no more than that', async (displayName, named) => {
  const { mailer } = clocked()
  await mailer.send(mail(202, { to: { id: 'ada', displayName, mail: 'ada@contoso.example' } }), 'mail 1')
  expect(JSON.parse(sent).recipients).toEqual({ to: [{ address: 'ada@contoso.example', ...named }] })
})
