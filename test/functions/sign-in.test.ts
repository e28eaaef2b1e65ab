import type { HttpResponseInit } from '@azure/functions'
import { describe, expect, test } from 'vitest'
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

/** One call of the browser, with these cookies. */
function answered(name: string, cookie: string, call: object): Promise<HttpResponseInit> {
  const { handle } = signIn.find((each) => each.name === name) as (typeof signIn)[number]
  const request = { url: 'https://interim.example/api/sign-in', headers: new Headers({ cookie }), ...call }
  return handle({ app, request, ...call } as unknown as Parameters<typeof handle>[0])
}
const begins = (cookie: string, returnTo = '/api/digest') =>
  answered('signInBegin', cookie, { query: { returnTo } })
const placeOf = ({ headers }: HttpResponseInit) => new URL((headers as { Location: string }).Location)

/** What the sign-in service is asked for, by a browser with these cookies. */
const begun = async (cookie: string) => placeOf(await begins(cookie)).searchParams

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

describe('in several tabs at once', () => {
  const links = [1, 2, 3].map((n) => `/api/approve/link-${n}`)

  /** What a browser has after it has opened these, one after the other, and signed in nowhere yet. */
  async function opened(all: readonly string[]) {
    const jar = new Map<string, string>()
    const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const states: string[] = []
    for (const link of all) {
      const answer = await begins(cookie(), link)
      for (const { name, value } of answer.cookies ?? []) jar.set(name, value)
      states.push(placeOf(answer).searchParams.get('state') as string)
    }
    return { cookie, states }
  }
  const comesBack = (cookie: string, state: string) =>
    answered('signInComplete', cookie, {
      app: { ...app, signIn: { complete: async () => alan } },
      url: `https://interim.example/api/sign-in/callback?code=1&state=${state}`,
    })

  test('each comes back to its own page, in any order', async () => {
    const { cookie, states } = await opened(links)
    for (const n of [1, 0, 2])
      expect(await comesBack(cookie(), states[n] as string)).toMatchObject({
        status: 303,
        headers: { Location: links[n] },
      })
  })

  test('the fifth takes the place of the first; what was begun nowhere here is refused', async () => {
    const { cookie, states } = await opened([...links, ...links])
    expect(cookie().split(';')).toHaveLength(4)
    for (const state of [states[0] as string, 'x', ''])
      await expect(comesBack(cookie(), state)).rejects.toMatchObject({ status: 400, code: 'SignInExpired' })
    expect(await comesBack(cookie(), states[5] as string)).toMatchObject({ status: 303 })
  })
})
