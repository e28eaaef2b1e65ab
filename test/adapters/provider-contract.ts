import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FaultSpec } from '../../local/tenant/control/faults.ts'
import type { TenantProcess } from '../../local/tenant/spawn.ts'
import type { Role } from '../../src/domain/role.ts'
import { type Held, Impossible, type Principal, type RoleProvider, Unavailable } from '../../src/ports.ts'

/** A provider with somebody who holds nothing yet of a role that can be managed, in the simulated tenant. */
export type UnderContract = {
  tenant: TenantProcess
  provider: RoleProvider
  role: Role
  principal: Principal
  /** The same role where there is no such scope, or no such role. */
  nowhere: Role
  /** Which calls are writes of assignments. */
  writes: NonNullable<FaultSpec['match']>
  /** How the call that gives is made. */
  gives: 'POST' | 'PUT'
}

const NAME = '5a5a5a5a-0000-4000-8000-00000000000a'

/** What every provider has to keep. `set` is asked in each test, when the tenant runs. */
export function keepsTheContract(name: string, set: () => UnderContract): void {
  describe(`the provider ${name}`, () => {
    const add = () => set().provider.add(set().principal, set().role, NAME)
    const found = () => set().provider.find(set().principal.id, set().role)
    const spoil = (method: string, how: Omit<FaultSpec, 'match'>) =>
      set().tenant.fault({ match: { ...set().writes, method }, ...how })

    beforeEach(() => set().tenant.control('POST', '/reset'))
    afterEach(async () => {
      await set().tenant.clearFaults()
      await set().tenant.lag({ ms: 0 })
    })

    test('describes a role that is there, and none that is not', async () => {
      const { provider, role, nowhere } = set()
      const described = await provider.describe(role)
      expect(described).toMatchObject({ id: role.roleDefinitionId, isEnabled: true, refusal: null })
      expect(described?.scopeName).not.toBe('')
      expect((await provider.roles(role.scope)).map(({ id }) => id)).toContain(role.roleDefinitionId)
      expect(await provider.describe(nowhere)).toBeUndefined()
    })

    test('gives once, finds it, takes it away, and may be told to again', async () => {
      expect(await found()).toEqual([])
      const added = await add()
      if (added.outcome !== 'added') throw new Error('not added')
      expect(await found()).toEqual([added.id])
      expect(await add()).toEqual({ outcome: 'exists' })
      await set().provider.remove(added.id)
      expect(await found()).toEqual([])
      await set().provider.remove(added.id)
      expect((await add()).outcome).toBe('added')
    })

    test('lists what is held, whoever gave it, until there are no more pages', async () => {
      const { provider, role, principal } = set()
      const added = await add()
      const all: Held[] = []
      let after: string | null = null
      do {
        const page: Awaited<ReturnType<RoleProvider['held']>> = await provider.held(role.scope, after)
        all.push(...page.items)
        after = page.next
      } while (after !== null)
      const id = added.outcome === 'added' ? added.id : ''
      expect(all.filter((each) => each.id === id)).toEqual([
        expect.objectContaining({ principalId: principal.id, principalType: principal.type, role }),
      ])
    })

    test.each([429, 500, 503, 504])(
      'answered %i: nothing is known, and it is not sent again',
      async (status) => {
        const { tenant, writes } = set()
        await spoil(set().gives, { kind: 'status', status, times: 'forever' })
        await tenant.control('DELETE', '/calls')
        await expect(add()).rejects.toThrow(Unavailable)
        const { calls } = await tenant.control('GET', '/calls')
        const sent = calls.filter(
          (call: { method: string; path: string }) =>
            call.method === set().gives && new RegExp(writes.path ?? '').test(call.path),
        )
        expect(sent).toHaveLength(1)
        await tenant.clearFaults()
        expect(await found()).toEqual([])
      },
    )

    test.each([
      ['before it was done', 'reset' as const, 'added'],
      ['after it was done', 'resetAfter' as const, 'exists'],
    ])('cut off %s: nothing is known until one looks', async (_, kind, next) => {
      await spoil(set().gives, { kind })
      await expect(add()).rejects.toThrow(Unavailable)
      expect((await found()).length).toBe(next === 'exists' ? 1 : 0)
    })

    test('a removal that was cut off after it was done is repeated without harm', async () => {
      const added = await add()
      const id = added.outcome === 'added' ? added.id : ''
      await spoil('DELETE', { kind: 'resetAfter' })
      await expect(set().provider.remove(id)).rejects.toThrow(Unavailable)
      await set().provider.remove(id)
      expect(await found()).toEqual([])
    })

    test('refused with 403: trying again will not help', async () => {
      await spoil(set().gives, { kind: 'status', status: 403 })
      await expect(add()).rejects.toThrow(Impossible)
    })

    test('no answer never passes for nothing', async () => {
      const { tenant } = set()
      await add()
      await tenant.fault({ match: { method: 'GET' }, kind: 'status', status: 503, times: 'forever' })
      await expect(found()).rejects.toThrow(Unavailable)
    })

    test('a list that lags behind shows yesterday, and giving again says that it exists', async () => {
      await set().tenant.lag({ ms: 60_000 })
      expect((await add()).outcome).toBe('added')
      expect((await add()).outcome).toBe('exists')
    })
  })
}
