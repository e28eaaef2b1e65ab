import { check } from '../../functions/refusal.ts'
import { routes } from '../../functions/routes/index.ts'
import { Refused } from '../../src/api/refused.ts'
import type { Caller } from '../../src/ports.ts'
import { alan, caller } from '../fakes/people.ts'
import { type World, world } from '../fakes/world.ts'

function routeOf(name: string) {
  const found = routes.find((each) => each.name === name)
  if (!found) throw new Error(`There is no route ${name}.`)
  return found
}

/** What a route says to what it is sent: nothing, or all that it complains about. */
export function complaints(name: string, where: 'query' | 'body' | 'params', sent: unknown): string[] {
  try {
    check(routeOf(name)[where], sent, where)
    return []
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return error.details.map(({ target, message }) => `${target}: ${message}`)
  }
}

/** What a route answers to a body that has passed its check, over fakes. */
export async function answered(name: string, who: Caller, sent: unknown, { ports, workflows } = world()) {
  const route = routeOf(name)
  const call = { ports, workflows, caller: who, body: check(route.body, sent, 'body') }
  return (await route.handle({ ...call } as Parameters<typeof route.handle>[0])).jsonBody
}

/** The ids on one page of a list, as Alan sees it, and the token of the next. */
export async function pageOf({ ports }: World, name: string, query: object) {
  const route = routeOf(name)
  const app = {
    publicUrl: 'https://interim.example',
    pageTokens: {
      seal: (_list: string, after: string) => after,
      open: (_list: string, token: string) => token,
    },
  }
  const request = { url: `https://interim.example/api/${route.path}` }
  const call = { app, ports, request, caller: caller(alan), query: check(route.query, query, 'query') }
  const answer = await route.handle(call as unknown as Parameters<typeof route.handle>[0])
  const { value, nextLink } = answer.jsonBody as { value: { id: string }[]; nextLink?: string }
  const token = nextLink ? new URL(nextLink).searchParams.get('pageToken') : null
  return { ids: value.map(({ id }) => id), token }
}
