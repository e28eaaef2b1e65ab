import type { Stack } from '../stack.ts'
import { type Answer, call } from './caller.ts'
import { Broken, type Teller } from './tell.ts'

/** Something that somebody may have in the tenant: how to find out, and how to say it. */
export type Thing = { has(): Promise<boolean>; says(it: boolean): string }

type Who = { short: string; displayName: string; givenName?: string }

export type Stage = ReturnType<typeof setStage>

/** What every part of the story does: call the API as somebody, and read back from the tenant who has what. */
export function setStage({ host, tenant }: Stack, tell: Teller) {
  const as = async (who: string, method: string, path: string, body?: unknown): Promise<Answer> =>
    call(host.url, await tenant.token(who), method, path, body)

  /** What the API answered; any other status than this breaks the story. */
  const must = async (status: number, answer: Promise<Answer>) => {
    const { status: given, body } = await answer
    if (given !== status)
      throw new Broken(`The API answered ${given}, not ${status}: ${body?.error?.message ?? ''}`)
    return body
  }

  const statusOf = async ({ id }: { id: string }, by: string) => {
    await host.idle()
    const { status, failure } = await must(200, as(by, 'GET', `/api/requests/${id}`))
    return failure ? `${status} (${failure.code}: ${failure.message})` : status
  }

  return {
    as,
    must,

    /** Somebody holds a role at a scope, directly or through a group. */
    role: (who: Who, displayName: string, scope = '/', where = ''): Thing => ({
      has: () => tenant.holds(who.short, displayName, scope),
      says: (it) => `${callName(who)} ${it ? 'holds' : 'does not hold'} ${displayName}${where}`,
    }),

    /** Somebody is in a group. */
    membership: (who: Who, group: Who): Thing => ({
      has: () => tenant.holds(who.short, group.short),
      says: (it) => `${callName(who)} is ${it ? 'a' : 'no'} member of ${group.displayName}`,
    }),

    /** Looks into the tenant, not into Interim, and breaks off where one of these is not as told. */
    async readBack(told: [Thing, boolean][], request?: { id: string }, by = 'ada'): Promise<void> {
      const status = request ? await statusOf(request, by) : undefined
      const and = status ? ` The request is ${status}.` : ''
      let isAsTold = true
      const found: string[] = []
      for (const [thing, expected] of told) {
        const has = await thing.has()
        if (has !== expected) isAsTold = false
        found.push(`${thing.says(has)}.`)
      }
      const words = `${found.join(' ')}${and}`
      tell.found(isAsTold, `Read back from the tenant: ${words}`, words)
    },

    /** Time goes by; says what time it is then. */
    async passes(duration: string): Promise<void> {
      await host.advance(duration)
      tell.say(`It is ${(await tenant.control('GET', '/clock')).now.slice(11, 16)} UTC.`)
    },
  }
}

const callName = ({ givenName, displayName }: Who) => givenName ?? displayName
