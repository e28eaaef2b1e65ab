import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { people } from '../../local/tenant/seed.ts'
import type { TenantProcess } from '../../local/tenant/spawn.ts'
import type { Role } from '../../src/domain/role.ts'
import { Impossible, type Principal, type RoleProvider, Unavailable } from '../../src/ports.ts'

/** What differs from provider to provider; all else must be the same. */
export type Contract = {
  /** As faults and the call log name the service. */
  service: 'graph' | 'arm'
  /** How the provider writes: what faults are ordered for. */
  add: { method: string; path: string }
  remove: { method: string; path: string }
  /** A role that nobody holds at its scope; the same at another scope; another at the same. */
  role: Role
  elsewhere: Role
  another: Role
  /** A role that is not there. */
  unknown: Role
  roleName: string
  scopeName: string
  /** Does the provider let us choose the name of an assignment? Then our own attempt is told from somebody else's. */
  named: boolean
  /** Somebody who administers the role for good, and somebody who does through a group. */
  administrator: string
  throughGroup: { give(): Promise<void>; personId: string }
  /** Gives and takes it behind Interim's back. */
  outside(method: 'POST' | 'DELETE', principal: string, role: Role): Promise<unknown>
}

const ada: Principal = { id: people.ada.id, type: 'User' }
const NOBODY = '00000000-0000-4000-8000-00000000dead'

/** What Interim relies on with every provider, tried on the real client against the simulated tenant. */
export function keepsTheContract(
  parts: () => { tenant: TenantProcess; provider: RoleProvider },
  contract: Contract,
): void {
  const { role, elsewhere, another, unknown, service } = contract
  const provider = () => parts().provider
  const tenant = () => parts().tenant
  const order = (match: { method: string; path: string }, fault: object) =>
    tenant().fault({ match: { service, ...match }, ...fault } as never)
  const ids = (of: Role = role) => provider().find(ada.id, of)
  const given = async (name: string = randomUUID()) => {
    const added = await provider().add(ada, role, name)
    if (added.outcome !== 'added') throw new Error('It was not added.')
    return added.id
  }

  beforeEach(() => tenant().control('POST', '/reset'))
  afterEach(() => tenant().clearFaults())

  describe('roles', () => {
    test('are described, with their scope, and known at that scope', async () => {
      expect(await provider().describe(role)).toMatchObject({
        id: role.roleDefinitionId,
        displayName: contract.roleName,
        scopeName: contract.scopeName,
        isEnabled: true,
        refusal: null,
      })
      const ofScope = await provider().roles(role.scope)
      expect(ofScope.map(({ id }) => id)).toEqual(
        expect.arrayContaining([role.roleDefinitionId, another.roleDefinitionId]),
      )
    })

    test('that are not there are not described', async () => {
      expect(await provider().describe(unknown)).toBeUndefined()
    })

    test('are administered by who may give them, directly or through a group, and by nobody else', async () => {
      const { administrator, throughGroup } = contract
      expect(await provider().mayAdminister(administrator, role)).toBe(true)
      expect(await provider().mayAdminister(throughGroup.personId, role)).toBe(false)
      expect(await provider().mayAdminister(NOBODY, role)).toBe(false)
      await throughGroup.give()
      expect(await provider().mayAdminister(throughGroup.personId, role)).toBe(true)
      const told = (await provider().administrators(role)).map(({ id }) => id)
      expect(told).toEqual(expect.arrayContaining([administrator, throughGroup.personId]))
      expect(new Set(told).size).toBe(told.length)
    })
  })

  describe('what is given', () => {
    test('is found, at its scope and of its role only, and removed, also when it is gone', async () => {
      const id = await given()
      expect(await ids()).toEqual([id])
      expect([await ids(elsewhere), await ids(another)]).toEqual([[], []])
      await provider().remove(id)
      await provider().remove(id)
      expect(await ids()).toEqual([])
    })

    test('is listed with who holds it, and what is held elsewhere is not', async () => {
      const id = await given()
      await provider().add(ada, elsewhere, randomUUID())
      const items = []
      let after: string | null = null
      do {
        const page = await provider().held(role.scope, after)
        items.push(...page.items)
        after = page.next
      } while (after)
      const { id: principalId, type: principalType } = ada
      expect(items.filter((held) => held.principalId === ada.id)).toEqual([
        expect.objectContaining({ id, principalId, principalType, role }),
      ])
      expect(items.every((held) => held.role.scope === role.scope)).toBe(true)
    })

    test('a second time under another name: it exists, and stays one', async () => {
      const id = await given()
      expect(await provider().add(ada, role, randomUUID())).toEqual({ outcome: 'exists' })
      expect(await ids()).toEqual([id])
    })

    test('a second time under the same name: ours where names tell, else it exists', async () => {
      const name = randomUUID()
      const id = await given(name)
      expect(await provider().add(ada, role, name)).toEqual(
        contract.named ? { outcome: 'added', id } : { outcome: 'exists' },
      )
      expect(await ids()).toEqual([id])
      expect(provider().isNamed?.(id, name)).toBe(contract.named ? true : undefined)
      expect(provider().isNamed?.(id, randomUUID())).toBe(contract.named ? false : undefined)
    })

    test('by somebody else: it exists, is found, and is not of our name', async () => {
      await contract.outside('POST', 'ada', role)
      expect(await provider().add(ada, role, randomUUID())).toEqual({ outcome: 'exists' })
      expect(await ids()).toHaveLength(1)
      await contract.outside('DELETE', 'ada', role)
      expect(await ids()).toEqual([])
    })

    test('shows late where lists lag, and is never given twice', async () => {
      await tenant().lag({ ms: 60_000 })
      await given()
      expect(await ids()).toEqual([])
      expect(await provider().add(ada, role, randomUUID())).toEqual({ outcome: 'exists' })
    })
  })

  describe('trouble', () => {
    test.each([429, 500, 503, 504])('answered %i: nothing is known, and it is sent once', async (status) => {
      await order(contract.add, { kind: 'status', status, times: 'forever' })
      await provider().find(ada.id, role) // the token is there from now on
      await tenant().control('DELETE', '/calls')
      await expect(given()).rejects.toThrow(Unavailable)
      const { calls } = (await tenant().control('GET', `/calls?service=${service}`)) as {
        calls: { method: string }[]
      }
      expect(calls.filter(({ method }) => method === contract.add.method)).toHaveLength(1)
    })

    test.each([
      ['before', 'reset', false],
      ['after', 'resetAfter', true],
    ])('cut off %s it was done: nothing is known', async (_when, kind, done) => {
      await order(contract.add, { kind })
      await expect(given()).rejects.toThrow(Unavailable)
      expect(await ids()).toHaveLength(done ? 1 : 0)
      expect((await provider().add(ada, role, randomUUID())).outcome).toBe(done ? 'exists' : 'added')
    })

    test.each([400, 403])('refused for good with %i: trying again will not help', async (status) => {
      await order(contract.add, { kind: 'status', status })
      await expect(given()).rejects.toThrow(Impossible)
    })

    test.each([429, 503])('a removal answered %i has perhaps not been done', async (status) => {
      const id = await given()
      await order(contract.remove, { kind: 'status', status })
      await expect(provider().remove(id)).rejects.toThrow(Unavailable)
      expect(await ids()).toEqual([id])
    })

    test.each([429, 503])('%i with Retry-After: told how long to wait', async (status) => {
      const id = await given()
      await order(contract.remove, { kind: 'status', status, retryAfter: 17, times: 2 })
      await expect(provider().remove(id)).rejects.toMatchObject({ retryAfterSeconds: 17 })
      await order(contract.add, { kind: 'status', status, retryAfter: 9, times: 2 })
      await expect(given()).rejects.toMatchObject({ name: 'Unavailable', retryAfterSeconds: 9 })
    })

    test('a removal cut off after it was done is repeated without harm', async () => {
      const id = await given()
      await order(contract.remove, { kind: 'resetAfter' })
      await expect(provider().remove(id)).rejects.toThrow(Unavailable)
      await provider().remove(id)
      expect(await ids()).toEqual([])
    })

    test('a read that is cut off is read once more, and only once', async () => {
      await order({ method: 'GET', path: '' }, { kind: 'reset' })
      expect(await ids()).toEqual([])
      await order({ method: 'GET', path: '' }, { kind: 'reset', times: 2 })
      await expect(ids()).rejects.toThrow(Unavailable)
    })

    test('a 404 of somebody on the way never passes for nothing held', async () => {
      await given()
      await order({ method: 'GET', path: '' }, { kind: 'status', status: 404, body: {} })
      await expect(ids()).rejects.toThrow(Unavailable)
    })
  })
}
