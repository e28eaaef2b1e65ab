import { describe, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'

const NIL = '00000000-0000-0000-0000-000000000000'
const load = (env: Record<string, string>) =>
  loadConfig({
    ENTRA_TENANT_ID: NIL,
    ENTRA_CLIENT_ID: NIL,
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    MAIL_CONNECTION: 'endpoint=https://mail.example/;accesskey=none',
    MAIL_FROM: 'interim@example.com',
    LINK_SIGNING_KEYS: 'k'.repeat(32),
    PUBLIC_URL: 'https://interim.example',
    ...env,
  })

describe('for how long mails are gathered', () => {
  test('is not at all, unless the settings say so', () => {
    for (const [said, minutes] of [
      [undefined, 0],
      ['', 0],
      ['0', 0],
      ['15', 15],
      ['60', 60],
    ] as const)
      expect(load(said === undefined ? {} : { NOTICE_BUNDLE_MINUTES: said }).mail.bundleMinutes).toBe(minutes)
  })

  test.each(['61', '-1', '1.5', 'ten'])('is not %s', (value) =>
    expect(() => load({ NOTICE_BUNDLE_MINUTES: value })).toThrow('NOTICE_BUNDLE_MINUTES'),
  )
})

describe('the settings of the digest', () => {
  test('are Monday at eight in UTC, and no name, unless they say otherwise', () => {
    for (const env of [{}, { DIGEST_TIME_ZONE: '', DIGEST_HOUR: '', TENANT_NAME: '' }])
      expect(load(env)).toMatchObject({ digest: { timeZone: 'UTC', hour: 8 }, tenantName: null })
    const said = { DIGEST_TIME_ZONE: 'Asia/Kathmandu', DIGEST_HOUR: '0', TENANT_NAME: 'Contoso' }
    expect(load(said)).toMatchObject({
      digest: { timeZone: 'Asia/Kathmandu', hour: 0 },
      tenantName: 'Contoso',
    })
  })

  test.each([
    ['DIGEST_TIME_ZONE', 'Mars/Olympus'],
    ['DIGEST_TIME_ZONE', '+02:00'], // does not know when clocks change
    ['DIGEST_TIME_ZONE', 'W. Europe Standard Time'],
    ['DIGEST_HOUR', '24'],
    ['DIGEST_HOUR', '-1'],
    ['DIGEST_HOUR', '8.5'],
    ['DIGEST_HOUR', 'eight'],
  ])('%s is not %s', (name, value) => expect(() => load({ [name]: value })).toThrow(name))
})
