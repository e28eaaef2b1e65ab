import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { eligibleChildren } from '../../src/api/eligible-children.ts'
import { changeRoleSettings, getRoleSettings } from '../../src/api/role-settings.ts'
import { cancelRequest } from '../../src/api/withdrawals.ts'
import { isOpen } from '../../src/domain/request.ts'
import type { Role } from '../../src/domain/role.ts'
import { changedRules, defaultRules } from '../../src/domain/role-settings.ts'
import type { RoleProvider } from '../../src/ports.ts'
import { ada, alan, caller, exchange, grace, mallory, user } from '../fakes/people.ts'
import { approvalRule, enablement, lasting, world } from '../fakes/world.ts'

const subscription = '/subscriptions/66666666-0000-4000-8000-000000000001'
const web = `${subscription}/resourcegroups/web`
const data = `${subscription}/resourcegroups/data`
const at = (scope: string): Role => ({ provider: 'azure', roleDefinitionId: exchange.id, scope })

/** The world with two resource groups in a subscription; whoever administers the directory administers them. */
function azureWorld() {
  const w = world()
  const azure: RoleProvider = {
    ...w.ports.providers.directory,
    scopesAbove: async (scope) => (scope === subscription ? [] : [subscription]),
    scopesBelow: async (scope, { top, after }) => {
      const all = scope === subscription ? [web, data] : []
      const start = Number(after ?? 0)
      const items = all
        .slice(start, start + top)
        .map((each) => ({ scope: each, displayName: each.slice(68) }))
      return { items, next: start + top < all.length ? `${start + top}` : null }
    },
  }
  const ports = { ...w.ports, providers: { ...w.ports.providers, azure } }
  const change = (scope: string, ...rules: Parameters<typeof changedRules>[1]) =>
    changeRoleSettings(ports, caller(alan), at(scope), { rules: [...rules] })
  const ask = (scope: string, more: object = {}) => w.ask({ ...at(scope), ...more }, ada, { ports })
  return { ...w, ports, change, ask }
}

describe('a smaller scope than the eligibility’s', () => {
  test('asks what the eligibility’s scope asks', async () => {
    const w = azureWorld()
    await w.makeEligible(ada.id, at(subscription))
    await w.change(subscription, approvalRule([user(grace.id)]))
    const request = await w.ask(web)
    expect(request).toMatchObject({ status: 'PendingApproval', scope: web })
    expect((await getRoleSettings(w.ports, at(web))).settings.version).toBe(1)
  })

  test('asks what is set for itself, which begins with what held before', async () => {
    const w = azureWorld()
    await w.makeEligible(ada.id, at(subscription))
    await w.change(subscription, approvalRule([user(grace.id)]))
    const { settings } = await w.change(web, enablement())
    expect(settings.rules).toEqual(
      changedRules(defaultRules('azure'), [approvalRule([user(grace.id)]), enablement()]),
    )
    expect((await w.ask(web)).status).toBe('PendingApproval')
    expect((await getRoleSettings(w.ports, at(subscription))).settings.rules).not.toContainEqual(enablement())
  })

  test('asks nothing of what is set beside it', async () => {
    const w = azureWorld()
    await w.makeEligible(ada.id, at(subscription))
    await w.change(data, approvalRule([user(grace.id)]))
    expect((await w.ask(web)).status).toBe('Granted')
  })

  test('is had at the same time as another, each with its own end', async () => {
    const w = azureWorld()
    await w.makeEligible(ada.id, at(subscription))
    const requests = [await w.ask(web), await w.ask(data), await w.ask(subscription)]
    expect(new Set(requests.map(({ id }) => id)).size).toBe(3)
    await expect(w.ask(web)).rejects.toMatchObject({ code: 'RoleAssignmentRequestExists' })
  })

  test('is refused once the eligibility above is gone', async () => {
    const w = azureWorld()
    await w.makeEligible(ada.id, at(data))
    for (const scope of [web, subscription])
      await expect(w.ask(scope)).rejects.toMatchObject({
        code: 'RoleAssignmentRequestPolicyValidationFailed',
      })
  })
})

describe('the scopes that one may go on to', () => {
  const listed = async (w: ReturnType<typeof azureWorld>, who = ada) => {
    const found: string[] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<typeof eligibleChildren>> = await eligibleChildren(
        w.ports,
        caller(who),
        subscription,
        { top: 1, after },
      )
      found.push(...page.items.map(({ id }) => id))
      after = page.next
    } while (after !== null)
    return found
  }

  test('are all below an eligibility, through a group too, and only those with one of their own elsewhere', async () => {
    const w = azureWorld()
    await w.makeEligible(ada.id, at(data))
    expect(await listed(w)).toEqual([data])
    await w.makeEligible(ada.id, at(subscription))
    expect(await listed(w)).toEqual([web, data])
    expect(await listed(w, mallory)).toEqual([])
  })

  test('are not those of an eligibility that is over, or yet to begin', async () => {
    const w = azureWorld()
    await w.makeEligible(ada.id, at(web), { endDateTime: '2029-12-31T00:00:00.000Z' })
    await w.makeEligible(ada.id, at(data), { startDateTime: '2030-06-01T00:00:00.000Z' })
    expect(await listed(w)).toEqual([])
  })
})

describe('approved at once for an hour at most', () => {
  /** Ada may be approved at once, at the subscription and all that lies in it. */
  async function automatic() {
    const w = azureWorld()
    await w.makeEligible(ada.id, at(subscription))
    const rule = approvalRule([user(grace.id)])
    const autoApproval = [{ description: 'An hour at most', maximumDuration: 'PT1H' }]
    await w.changeRulesOf(at(subscription), [
      { ...rule, setting: { ...rule.setting, autoApproval } } as never,
    ])
    const step = ({ id }: { id: string }) => advance(w.ports, { requestId: id, turn: w.row(id).turn + 1 })
    const goesOn = async (clock: string) => {
      w.at(`2030-01-01T${clock}:00Z`)
      for (const { value } of [...w.rows.values()]) if (isOpen(value)) await step(value)
    }
    const asks = async (clock: string, scope: string, more: object = {}) => {
      await goesOn(clock)
      const request = await w.ask(scope, more)
      if (request.status === 'Granted') await step(request)
      return w.row(request.id).status
    }
    const asksAndCancels = async (clock: string, times: number) => {
      w.at(`2030-01-01T${clock}:00Z`)
      for (let n = 0; n < times; n++) {
        const { id } = await w.ask(data)
        await cancelRequest(w.ports, w.workflows, caller(ada), id)
      }
    }
    return { asks, asksAndCancels, goesOn }
  }

  test.each([
    ['the subscription, then a group in it', subscription, web, 'PendingApproval'],
    ['a group, then the subscription that it lies in', web, subscription, 'PendingApproval'],
    ['two groups beside each other, which are two accesses', web, data, 'Provisioned'],
  ])('is not another hour elsewhere: %s', async (_name, first, second, status) => {
    const w = await automatic()
    expect(await w.asks('09:00', first)).toBe('Provisioned')
    expect(await w.asks('10:00', second)).toBe(status)
  })

  test('nor where what was asked for later, at another scope, has been over for long', async () => {
    const w = await automatic()
    expect(await w.asks('07:00', subscription, lasting('PT1H', '2030-01-01T10:00:00Z'))).toBe('Granted')
    await w.asksAndCancels('07:05', 120)
    expect(await w.asks('07:10', web, lasting('PT30M'))).toBe('Provisioned')
    await w.goesOn('07:40') // this one ends
    await w.goesOn('10:00') // the first begins
    expect(await w.asks('11:00', web)).toBe('PendingApproval')
  })
})
