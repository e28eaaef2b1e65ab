import type { Cookie, HttpRequest } from '@azure/functions'
import { z } from 'zod'
import { Refused } from '../../src/api/refused.ts'
import type { App } from '../../src/app.ts'
import type { Actor } from '../../src/domain/person.ts'
import { Unavailable } from '../../src/ports.ts'
import { type Route, route } from '../route.ts'

/** Sign-ins that are begun and not complete: a tab each, for whoever opens several links. */
const PENDING = ['interim_sign_in', 'interim_sign_in_2', 'interim_sign_in_3', 'interim_sign_in_4']
const SESSION = 'interim_session'

const Pending = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), returnTo: z.string() })
const Session = z.object({ id: z.string(), displayName: z.string() })

export const signIn: Route[] = [
  route({
    name: 'signInBegin',
    methods: ['GET'],
    path: 'sign-in',
    who: 'anyone',
    summary: 'Begins a sign-in for the pages, and comes back to the page it was begun from.',
    query: z.object({
      returnTo: z
        .string()
        .regex(/^\/api\/(approve\/[\w.-]+|digest)$/, 'must be the page of an approval, or of the digest'),
    }),
    answers: {
      302: { description: 'To the sign-in service.', html: true, location: 'The sign-in service.' },
    },
    async handle({ app, query, request }) {
      const asAnother = (await sessionOf(app, request)) !== undefined
      const { location, pending } = await app.signIn.begin(query.returnTo, asAnother)
      const value = await app.pendingCookies.seal(pending, '10m')
      return {
        status: 302,
        headers: { Location: location },
        cookies: [cookie(app, freePlace(request), value, 600)],
      }
    },
  }),
  route({
    name: 'signInComplete',
    methods: ['GET'],
    path: 'sign-in/callback',
    who: 'anyone',
    summary: 'Where the sign-in service brings the browser back.',
    answers: { 303: { description: 'Back to the page.', html: true, location: 'The page.' } },
    async handle({ app, request }) {
      const { place, pending } = await begunHere(app, request)
      const person = await complete(app, request, pending)
      const session = await app.sessionCookies.seal(person, '1h')
      return {
        status: 303,
        headers: { Location: pending.returnTo },
        cookies: [cookie(app, SESSION, session, 3600), cookie(app, place, '', 0)],
      }
    },
  }),
]

/** Where all places are taken, the first gives way: it has been waiting, or was forgotten. */
const freePlace = (request: HttpRequest) =>
  PENDING.find((name) => cookieOf(request, name) === '') ?? (PENDING[0] as string)

/** The sign-in that this answer is for, among those that were begun in this browser. Throws 400 where there is none. */
async function begunHere(app: App, request: HttpRequest) {
  const state = new URL(request.url).searchParams.get('state')
  for (const place of PENDING) {
    const pending = Pending.safeParse(await app.pendingCookies.open(cookieOf(request, place)))
    if (pending.success && pending.data.state === state) return { place, pending: pending.data }
  }
  throw new Refused(
    400,
    'SignInExpired',
    'This sign-in was not begun here, or too long ago. Open the link again.',
  )
}

async function complete(app: App, request: HttpRequest, pending: z.infer<typeof Pending>): Promise<Actor> {
  try {
    return await app.signIn.complete(new URL(request.url), pending)
  } catch (error) {
    if (error instanceof Unavailable) throw error
    app.ports.log.warn('A sign-in was not accepted.', {
      error: error instanceof Error ? error.message : `${error}`,
    })
    throw new Refused(403, 'SignInFailed', 'The sign-in was not accepted. Open the link again.')
  }
}

/** Who is signed in in this browser; proof of who they are, not of what they may do. */
export async function sessionOf(app: App, request: HttpRequest): Promise<Actor | undefined> {
  const session = Session.safeParse(await app.sessionCookies.open(cookieOf(request, SESSION)))
  return session.success ? session.data : undefined
}

function cookieOf(request: HttpRequest, name: string): string {
  const pairs = (request.headers.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('='))
  const [, ...value] = pairs.find(([key]) => key === name) ?? []
  try {
    return decodeURIComponent(value.join('='))
  } catch {
    return '' // not one that we gave
  }
}

function cookie({ publicUrl }: App, name: string, value: string, maxAge: number): Cookie {
  const secure = publicUrl.startsWith('https://')
  return { name, value, path: '/api', httpOnly: true, secure, sameSite: 'Lax', maxAge }
}
