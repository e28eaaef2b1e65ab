import type { HttpRequest, HttpResponseInit } from '@azure/functions'
import { z } from 'zod'
import { Refused } from '../../src/api/refused.ts'
import type { App } from '../../src/app.ts'
import { someRoleAt } from '../../src/domain/governed.ts'
import { type RoleIfNamed, rightForProvider, roleIn } from '../../src/domain/role.ts'
import type { Page, PageOptions } from '../../src/ports.ts'
import { json } from '../route.ts'

const id = (prefix: string) =>
  z
    .string()
    .regex(
      new RegExp(`^${prefix}-[0-9a-f]{32}-[0-9a-z]{19,25}$`),
      `must be an id that begins with ${prefix}-`,
    )

export const RequestId = id('req')
export const EligibilityId = id('elig')
export const IncidentId = id('inc')
export const SettingsChangeId = id('set')
export const WebhookId = id('hook')
export const EventId = z
  .string()
  .regex(/^[a-z]{1,10}-[0-9a-f]{32}-[0-9a-z]{19,25}\.[\w.-]{1,100}$/, 'must be the id of an event')
export const DelegationId = id('dele')

/** Every list takes these two. */
export const Paging = {
  top: z
    .string()
    .regex(/^([1-9]\d?|1\d\d|200)$/, 'must be a whole number from 1 to 200')
    .default('50')
    .transform(Number)
    .meta({
      description: 'How many at most, 1 to 200.',
      override: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    }),
  pageToken: z.string().max(2000).optional().meta({ description: 'From the nextLink of the page before.' }),
}

/**
 * For lists that may be asked for one role, by all of its name. Refuses half of one: it would be answered with what concerns
 * every role, as if nothing had been said.
 */
export function wholeRole(
  query: RoleIfNamed & { principalId?: string | undefined },
  context: Parameters<typeof rightForProvider>[1],
): void {
  const role = roleIn(query)
  if (role) {
    rightForProvider(role, context)
    return
  }
  const message = query.principalId
    ? 'goes with roleDefinitionId, and is not asked for together with principalId'
    : 'goes with roleDefinitionId: name that too'
  for (const path of ['provider', 'scope'] as const)
    if (query[path] !== undefined) context.addIssue({ code: 'custom', path: [path], message })
}

/** Refuses a scope that its provider has none of: nothing is found there, and that would look like an answer. */
export function rightPlace(
  { provider = 'directory', scope }: Pick<RoleIfNamed, 'provider' | 'scope'>,
  context: Parameters<typeof rightForProvider>[1],
): void {
  if (scope) rightForProvider(someRoleAt({ provider, scope }), context)
}

/** One page of a list, with the address of the next. A page token is only good for the list that it came from. */
export async function paged<T>(
  app: App,
  request: HttpRequest,
  { top, pageToken }: { top: number; pageToken?: string | undefined },
  list: string,
  show: (item: T) => unknown,
  read: (page: PageOptions) => Promise<Page<T>>,
): Promise<HttpResponseInit> {
  const after = pageToken === undefined ? null : app.pageTokens.open(list, pageToken)
  if (after === undefined)
    throw new Refused(400, 'BadRequest', 'pageToken: must come from the nextLink of this very list.', {
      details: [
        {
          code: 'InvalidValue',
          target: 'pageToken',
          message: 'must come from the nextLink of this very list',
        },
      ],
    })
  const { items, next } = await read({ top, after })
  const value = items.map(show)
  if (next === null) return json(200, { value })
  const address = new URL(request.url)
  const link = new URL(`${app.publicUrl}${address.pathname}${address.search}`)
  link.searchParams.set('pageToken', app.pageTokens.seal(list, next))
  return json(200, { value, nextLink: link.href })
}
