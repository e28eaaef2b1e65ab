import type { HttpResponseInit } from '@azure/functions'
import { expect, test } from 'vitest'
import { signIn } from '../../functions/routes/sign-in.ts'
import { entraSignIn } from '../../src/adapters/entra/sign-in.ts'
import { cookieBox } from '../../src/adapters/links.ts'
import { alan } from '../fakes/people.ts'

const KEYS = ['k'.repeat(40)] as const
const app = {
  publicUrl: 'https://interim.example',
  signIn: entraSignIn(
    {
      authority: 'https://login.example',
      tenantId: 'aaaaaaaa-0000-4000-8000-00000000c0de',
      clientId: 'aaaaaaaa-0000-4000-8000-00000000c11d',
      scope: 'access_as_user',
      clientSecret: undefined,
    },
    'https://interim.example/api/sign-in/callback',
  ),
  pendingCookies: cookieBox(KEYS, 'sign-in'),
  sessionCookies: cookieBox(KEYS, 'session'),
}

/** What the sign-in service is asked for, by a browser with these cookies. */
async function begun(cookie: string): Promise<URLSearchParams> {
  const { handle } = signIn.find(({ name }) => name === 'signInBegin') as (typeof signIn)[number]
  const request = { headers: new Headers({ cookie }) }
  const call = { app, request, query: { returnTo: '/api/digest' } }
  const answer: HttpResponseInit = await handle(call as unknown as Parameters<typeof handle>[0])
  return new URL((answer.headers as { Location: string }).Location).searchParams
}

test('whoever is signed in as somebody else is asked who they are, and not taken for the same again', async () => {
  const session = await app.sessionCookies.seal({ id: alan.id, displayName: alan.displayName }, '1h')
  expect((await begun(`interim_session=${session}`)).get('prompt')).toBe('select_account')
})

test.each(['', 'interim_session=rubbish', 'other=1'])(
  'whoever is not signed in here (%s) need not be asked, where the service knows them',
  async (cookie) => {
    const asked = await begun(cookie)
    expect([asked.has('prompt'), asked.get('code_challenge_method')]).toEqual([false, 'S256'])
  },
)
