import { EmailClient, type EmailMessage } from '@azure/communication-email'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { MAIL_FROM } from '../../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../../local/tenant/spawn.ts'

let tenant: TenantProcess
let client: EmailClient

const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 1 } }
const mail = (more: Partial<EmailMessage> = {}): EmailMessage => ({
  senderAddress: MAIL_FROM,
  content: { subject: 'Approve this', plainText: 'Please.', html: '<p>Please.</p>' },
  recipients: { to: [{ address: 'grace@contoso.example', displayName: 'Grace' }] },
  ...more,
})

beforeAll(async () => {
  tenant = await spawnTenant()
  client = new EmailClient(tenant.settings().MAIL_CONNECTION ?? '', options)
})
beforeEach(() => tenant.control('POST', '/reset'))
afterAll(() => tenant.stop())

test('a mail sent with Microsoft’s client lies in the mailbox, and the operation succeeds', async () => {
  const operationId = 'cccccccc-0000-4000-8000-000000000001'
  const poller = await client.beginSend(mail({ headers: { 'X-Request': '42' } }), { operationId })
  expect(await poller.pollUntilDone()).toMatchObject({ id: operationId, status: 'Succeeded' })
  expect(await tenant.mails('grace')).toEqual([
    expect.objectContaining({
      operationId,
      to: ['grace@contoso.example'],
      subject: 'Approve this',
      text: 'Please.',
      html: '<p>Please.</p>',
      headers: { 'X-Request': '42' },
    }),
  ])
  expect(await tenant.mails('ada')).toEqual([])
})

test('mails are told oldest first, and only the later ones to who asks since when', async () => {
  for (const subject of ['one', 'two'])
    await client.beginSend(mail({ content: { subject, plainText: subject } }))
  const [one, two] = await tenant.mails()
  expect([one?.subject, two?.subject]).toEqual(['one', 'two'])
  const later = await fetch(`${tenant.url}/mailbox.json?since=${two?.at}`)
  expect(((await later.json()) as { subject: string }[]).map((m) => m.subject)).toContain('two')
  await fetch(`${tenant.url}/mailbox`, { method: 'DELETE' })
  expect(await tenant.mails()).toEqual([])
})

test('a wrong key is refused, and nothing is delivered', async () => {
  const key = Buffer.from('another key').toString('base64')
  const stranger = new EmailClient(`endpoint=${tenant.url};accesskey=${key}`, options)
  await expect(stranger.beginSend(mail())).rejects.toMatchObject({ statusCode: 401, code: 'Denied' })
  const unsigned = await fetch(`${tenant.url}/emails:send?api-version=2025-09-01`, {
    method: 'POST',
    body: '{}',
  })
  expect(unsigned.status).toBe(401)
  expect(await tenant.mails()).toEqual([])
})

const many = Array.from({ length: 51 }, (_, i) => ({ address: `person${i}@contoso.example` }))
test.each([
  ['fifty-one recipients', mail({ recipients: { to: many } }), 400],
  ['no recipients', mail({ recipients: { to: [] } }), 400],
  ['an address that is none', mail({ recipients: { to: [{ address: 'grace' }] } }), 400],
  ['no content', mail({ content: { subject: 'Nothing' } as never }), 400],
  ['a sender of another domain', mail({ senderAddress: 'interim@elsewhere.example' }), 404],
])('%s is refused', async (_, message, statusCode) => {
  await expect(client.beginSend(message)).rejects.toMatchObject({ statusCode })
  expect(await tenant.mails()).toEqual([])
})

test('a mail larger than ten megabytes is refused', async () => {
  const contentInBase64 = Buffer.alloc(8 * 1024 * 1024).toString('base64')
  const attachments = [{ name: 'large.bin', contentType: 'application/octet-stream', contentInBase64 }]
  await expect(client.beginSend(mail({ attachments }))).rejects.toMatchObject({ statusCode: 413 })
})

test('fifty recipients are accepted', async () => {
  await client.beginSend(mail({ recipients: { to: many.slice(0, 50) } }))
  expect((await tenant.mails())[0]?.to).toHaveLength(50)
})

test('a throttled mail is sent once the service allows it, and only once', async () => {
  await tenant.fault({
    match: { service: 'mail', method: 'POST' },
    kind: 'status',
    status: 429,
    retryAfter: 1,
  })
  await client.beginSend(mail())
  expect(await tenant.mails()).toHaveLength(1)
})

test('the mailbox shows what a mail says without believing any of it', async () => {
  const subject = '<script>alert(1)</script> & "more"'
  const html =
    '<html><head><title>x</title></head><body><a href="https://contoso.example/approve">Approve</a><script>x</script></body></html>'
  await client.beginSend(mail({ content: { subject, html } }))
  const list = await fetch(`${tenant.url}/mailbox?to=grace`)
  const text = await list.text()
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;')
  expect(text).not.toContain('<script>')
  expect(list.headers.get('content-security-policy')).toContain("default-src 'none'")

  const [{ id } = { id: '' }] = await tenant.mails()
  const shown = await (await fetch(`${tenant.url}/mailbox/${id}`)).text()
  expect(shown).toContain(`<iframe title="The mail" src="/mailbox/${id}/html" sandbox="allow-popups`)
  expect(shown).not.toContain('<script>')
  const inside = await fetch(`${tenant.url}/mailbox/${id}/html`)
  expect(inside.headers.get('content-security-policy')).toMatch(/^default-src 'none'.*sandbox allow-popups/)
  expect(await inside.text()).toContain('<head><base target="_blank"><title>')
  expect((await fetch(`${tenant.url}/mailbox/none`)).status).toBe(404)
})

test('a link in a mail opens as any page does, with forms: it leaves the box that the mail is shown in', async () => {
  await client.beginSend(mail())
  const [{ id } = { id: '' }] = await tenant.mails()
  const shown = await (await fetch(`${tenant.url}/mailbox/${id}`)).text()
  expect(shown).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"')
  const inside = await fetch(`${tenant.url}/mailbox/${id}/html`)
  expect(inside.headers.get('content-security-policy')).toMatch(
    /sandbox allow-popups allow-popups-to-escape-sandbox$/,
  )
})

test('every mail there is can be looked at, by whoever has put them there, and is no mail that was sent', async () => {
  const html = '<html><head></head><body><script>x</script></body></html>'
  await tenant.control('PUT', '/letters', [{ name: 'ended-requester', subject: 'PIM: <b>', text: 't', html }])
  const page = (path: string) => fetch(`${tenant.url}/letters${path}`)
  expect(await (await page('')).text()).toContain('href="/letters/ended-requester"><b>PIM: &lt;b&gt;</b>')
  expect(await (await page('/ended-requester')).text()).toContain('src="/letters/ended-requester/html"')
  const inside = await page('/ended-requester/html')
  expect(inside.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
  expect((await page('/none')).status).toBe(404)
  expect(await tenant.mails()).toEqual([])
  await tenant.control('PUT', '/letters', [])
  expect((await page('/ended-requester')).status).toBe(404)
})
