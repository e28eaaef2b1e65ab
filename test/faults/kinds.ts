import type { Call } from '../support/harness/call.ts'
import type { Fate } from '../support/harness/proxy.ts'
import type { Place } from '../support/harness/run.ts'
import type { Stage } from '../support/harness/stage.ts'

/** One way in which a call may fail. */
export type Kind = {
  /** Where it makes sense. */
  at?: (place: Place) => boolean
  /** What becomes of the call before it is done. */
  before?: (stage: Stage, call: Call) => Fate | Promise<Fate>
  /** What becomes of its answer; undefined when there is nothing to spoil here. */
  after?: (stage: Stage, call: Call) => Fate | undefined | Promise<Fate | undefined>
  /** Goes on for calls to the same service, for an hour. */
  lasts?: true
}

const MINUTE = 60_000
const isWrite = ({ writes }: Place) => writes
/** What holds who has what: it may lag behind what was done there. */
const isOfTenant = ({ target }: Place) => target === 'graph' || target === 'azure'

const refusal =
  (status: number, code: string, headers: Record<string, string> = {}) =>
  (): Fate => ({
    status,
    headers,
    body: JSON.stringify({
      error: { code, message: 'This fault was ordered.' },
      'odata.error': { code, message: { value: 'ordered' } },
    }),
  })

const REFUSED_TOKEN = refusal(401, 'InvalidAuthenticationToken')
const REFUSED_KEY = refusal(403, 'AuthenticationFailed')

export const KINDS: Record<string, Kind> = {
  'is answered 429': { before: refusal(429, 'TooManyRequests') },
  'is answered 429 with Retry-After': { before: refusal(429, 'TooManyRequests', { 'Retry-After': '1' }) },
  'is answered 500': { before: refusal(500, 'InternalServerError') },
  'is answered 503 for an hour, as all others there': {
    before: refusal(503, 'ServiceUnavailable'),
    lasts: true,
  },
  'is cut off before it is done': { before: () => 'cut' },
  'is cut off after it is done': { at: isWrite, after: () => 'cut' },
  'is done and never answered': { at: isWrite, after: () => 'silence' },
  'is never answered': {
    // Half a minute of real patience each: of many readings of the same kind in our own storage, the first will do.
    at: ({ target, writes, nth }) => !writes && (target !== 'own storage' || nth === 0),
    before: () => 'silence',
  },
  'is answered late': {
    after: async () => {
      await new Promise((wake) => setTimeout(wake, 300))
      return 'pass' as const
    },
  },
  'is cut off, and done a minute later': {
    at: isWrite,
    before: async (stage, call) => {
      stage.late.push({ at: new Date((await stage.clock()).getTime() + MINUTE), call })
      return 'cut' as const
    },
  },
  'has its token refused': {
    before: (_, { target }) => (target === 'own storage' ? REFUSED_KEY() : REFUSED_TOKEN()),
  },
  'does what lists show a minute later': {
    at: (place) => isOfTenant(place) && place.writes,
    before: async (stage) => {
      await stage.tenant.lag({ ms: MINUTE })
      return 'pass' as const
    },
  },
  'is read back as it was before': {
    at: (place) => isOfTenant(place) && !place.writes && place.nth > 0,
    after: ({ proxy }, { n, method, path }) => {
      const earlier = proxy.calls.find((call) => call.n < n && call.method === method && call.path === path)
      const { status, answer } = earlier ?? {}
      return status && answer ? { status, body: answer.toString() } : undefined
    },
  },
}
