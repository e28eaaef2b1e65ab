import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acsMailer } from '../../src/adapters/mailer.ts'
import { queueOutbox } from '../../src/adapters/outbox.ts'
import type { Notice } from '../../src/domain/notice.ts'
import { Unavailable } from '../../src/ports.ts'

/** Takes every call and never says a word; mail is accepted where it is to be, and then there is silence. */
const accepts = new Set<string>()
const server = createServer((req, res) => {
  if (req.method !== 'POST' || !accepts.has('mail')) return
  res.writeHead(202, {
    'operation-location': `${url()}/emails/operations/1`,
    'content-type': 'application/json',
  })
  res.end('{"id":"1","status":"Running"}')
})
const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

beforeAll(() => new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready)))
afterAll(() => server.closeAllConnections())

const SOON = 50
/** The first answer has to come in time, however busy the machine is. */
const AFTER_AN_ANSWER = 1000
const person = { id: 'ada', displayName: 'Ada', mail: 'ada@contoso.example' }
const letter = { to: person, subject: 'You have it', text: 'it', html: 'it' } as never

describe('a service that never answers is not waited for', () => {
  test('by the outbox: whoever changed something waits for its answer', async () => {
    const key = Buffer.from('key').toString('base64')
    const connection = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${key};QueueEndpoint=${url()}/a;`
    const outbox = queueOutbox({ connectionString: connection }, SOON)
    await expect(outbox.send({} as Notice)).rejects.toThrow(Unavailable)
  })

  test('by the mailer: the other mails of the notice wait', async () => {
    accepts.delete('mail')
    await expect(mailer().send(letter, 'key')).rejects.toThrow(Unavailable)
  })

  test('by the mailer asking what became of a mail that was taken: it is sent', async () => {
    accepts.add('mail')
    await expect(mailer(AFTER_AN_ANSWER).send(letter, 'key')).resolves.toBeUndefined()
  })
})

const mailer = (patience = SOON) =>
  acsMailer(
    { connectionString: `endpoint=${url()};accesskey=a2V5` },
    'interim@contoso.example',
    QUOTA,
    Date.now,
    patience,
  )
const QUOTA = { perMinute: 30, perHour: 100 }
