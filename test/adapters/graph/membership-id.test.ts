import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Graph } from '../../../src/adapters/graph/client.ts'
import { groupMemberships } from '../../../src/adapters/graph/groups.ts'
import {
  deletionAddress,
  groupAt,
  type Membership,
  membershipId,
  relationOf,
} from '../../../src/adapters/graph/membership-id.ts'
import { fakeTenant } from '../../fakes/tenant.ts'

const ONLY = /^\/groups\/[0-9a-f-]{36}\/(members|owners)\/[0-9a-f-]{36}\/\$ref$/

const guid = fc.uuid()
const membership: fc.Arbitrary<Membership> = fc.record({
  groupId: guid,
  relation: fc.constantFrom('members' as const, 'owners' as const),
  principalId: guid,
})
/** Ids of ours, bent: cut, repeated, in another case, with something put in, before or behind. */
const bent = fc
  .tuple(
    membership,
    fc.nat(120),
    fc.constantFrom('', '/', '/$ref', '\n', '?', '#', '%2f', '..', ' ', '\0'),
    fc.nat(3),
  )
  .map(([given, at, put, how]) => {
    const id = membershipId(given)
    if (how === 0) return id.slice(0, at)
    if (how === 1) return id.slice(0, at) + put + id.slice(at)
    if (how === 2) return id.toUpperCase() + put
    return `${put}${id}${put}${id}`
  })
const anything = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), bent, membership.map(membershipId))

/** What becomes of an input: the address, or nothing. */
const outcome = (make: () => string) => {
  try {
    return make()
  } catch {
    return null
  }
}

describe('the address of a removal', () => {
  test('is that of a reference, whatever it is made of, or there is none', () => {
    fc.assert(
      fc.property(anything, (id) => {
        const address = outcome(() => deletionAddress(id))
        if (address !== null) expect(address).toMatch(ONLY)
      }),
      { numRuns: 5000 },
    )
  })

  test('names exactly what the id was made of', () => {
    fc.assert(
      fc.property(membership, (given) => {
        const { groupId, relation, principalId } = given
        expect(deletionAddress(membershipId(given))).toBe(
          `/groups/${groupId}/${relation}/${principalId}/$ref`,
        )
      }),
    )
  })

  test('is the only one that the provider ever deletes at', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (id) => {
        const deleted: string[] = []
        const graph = { delete: async (path: string) => void deleted.push(path) } as unknown as Graph
        const { directory } = fakeTenant(() => new Date(0))
        await groupMemberships(graph, directory, 'https://graph.example/v1.0')
          .remove(id)
          .catch(() => undefined)
        for (const path of deleted) expect(path).toMatch(ONLY)
      }),
      { numRuns: 1000 },
    )
  })

  test.each(['', 'x', '/groups/x/members/y', `groups/${'0'.repeat(36)}/members/..`])(
    'of %j there is none',
    (id) => expect(() => deletionAddress(id)).toThrow('not the id of a membership'),
  )
})

test('a scope that is no group, and a role that is no relation, are refused', () => {
  const scope = '/groups/22222222-0000-4000-8000-000000000001'
  expect(relationOf({ provider: 'group', roleDefinitionId: 'owner', scope })).toEqual({
    groupId: '22222222-0000-4000-8000-000000000001',
    relation: 'owners',
  })
  expect(() => relationOf({ provider: 'group', roleDefinitionId: 'guest', scope })).toThrow('no guest')
  for (const other of ['/', '', '/groups/', `${scope}/members`, `/users${scope}`])
    expect(() => groupAt(other)).toThrow('/groups/{id}')
})
