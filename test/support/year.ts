import { advance } from '../../src/activities/advance.ts'
import { deliver } from '../../src/activities/deliver.ts'
import { scan } from '../../src/activities/scan.ts'
import { sweep } from '../../src/activities/sweep.ts'
import type { Governed } from '../../src/domain/governed.ts'
import type { Incident } from '../../src/domain/incident.ts'
import { nextStep } from '../../src/domain/next-step.ts'
import { INTERIM } from '../../src/domain/person.ts'
import { isAboutSchedule, isForGood, isOpen, isOurs, type Request } from '../../src/domain/request.ts'
import { type Role, roleKey } from '../../src/domain/role.ts'
import { MINUTE } from '../../src/domain/schedule.ts'
import { Impossible, type Ports, type RoleProvider, Unavailable } from '../../src/ports.ts'
import { ada, engineers, exchangeRole, grace, helpdesk, linus, mallory, user } from '../fakes/people.ts'
import { approvalRule, world } from '../fakes/world.ts'

const DAY = 1440 * MINUTE
const AZURE = '/subscriptions/5b5b5b5b-0000-4000-8000-000000000001'
export const ROLES: Role[] = [
  exchangeRole,
  { ...exchangeRole, roleDefinitionId: helpdesk.id }, // Grace has to approve it
  { provider: 'azure', roleDefinitionId: exchangeRole.roleDefinitionId, scope: AZURE },
  { provider: 'group', roleDefinitionId: 'member', scope: `/groups/${engineers}` },
]
export const PEOPLE = [ada, linus, mallory]

export type Year = Awaited<ReturnType<typeof year>>

/**
 * A tenant with all three providers and everything that runs by itself, under a clock that jumps to whatever happens next: the
 * workflows, as long as they live, the sweep on its five minutes, the comparison while something may have changed, the outbox.
 */
export async function year({ restoreRemoved, sameIds }: { restoreRemoved: boolean; sameIds: boolean }) {
  const w = world()
  w.tenant.ids.same = sameIds
  w.tenant.groups.set(engineers, { id: engineers, displayName: 'Engineers', members: [], owners: [] })
  const outage = { until: 0 }
  const lost = { left: 0 }
  /**
   * The assignments that somebody outside has taken away, by their ids, until they are made again. What somebody else has put in the
   * place of ours is not ours come back: an administrator may take that away before a comparison has seen that ours is missing.
   */
  const takenOutside = new Set<string>()
  const ports: Ports = {
    ...w.ports,
    providers: {
      directory: troubled(w.tenant.providers.directory),
      group: troubled(w.tenant.providers.group),
      azure: troubled(azure()),
    },
    drift: {
      ...w.ports.drift,
      restoreRemoved,
      places: ROLES.slice(1, 3).map(({ provider, scope }) => ({ provider, scope })),
    },
  }
  const place: Governed = {
    provider: 'group',
    scope: `/groups/${engineers}`,
    scopeName: 'Engineers',
    id: null,
    since: null,
    by: INTERIM,
  }
  await ports.findings.govern(place, [])
  await w.changeRules([approvalRule([user(grace.id)])], helpdesk.id)
  /** Those whose workflow has died: only the sweep looks at them. */
  const asleep = new Set<string>()
  let nextScan = now() + 15 * MINUTE
  /** Something may have changed outside: compared every quarter of an hour until then, and otherwise twice a day. */
  let busyUntil = 0

  function now() {
    return w.clock.now.getTime()
  }

  /** Azure's assignments have the names that we give them. */
  function azure(): RoleProvider {
    const { directory } = w.tenant.providers
    return {
      ...directory,
      describe: async (role) => directory.describe({ ...role, scope: '/' }),
      add: async (principal, role, name) => {
        const added = await directory.add(principal, role, name)
        if (added.outcome !== 'added') return added
        // Where ids are the same again, one that somebody outside had, and that is gone, has this id too: it is not the one to name.
        const row = w.tenant.rows.find(({ id, removedAt }) => id === added.id && removedAt === null)
        if (!row) return added
        row.id = `${AZURE}/roleassignments/${name}`
        return { outcome: 'added', id: row.id }
      },
      isNamed: (id, name) => id.endsWith(`/${name}`),
    }
  }

  function troubled(provider: RoleProvider): RoleProvider {
    const whenUp = async <T>(work: () => Promise<T>): Promise<T> => {
      if (now() < outage.until) throw new Unavailable('It is away.', 30)
      return work()
    }
    const heard = <T>(answer: T): T => {
      if (lost.left-- > 0) throw new Unavailable('The answer was lost.')
      return answer
    }
    return {
      ...provider,
      find: (...given) => whenUp(() => provider.find(...given)),
      held: (...given) => whenUp(() => provider.held(...given)),
      add: (...given) =>
        whenUp(async () => {
          const added = await provider.add(...given)
          if (added.outcome === 'added') takenOutside.delete(added.id)
          return heard(added)
        }),
      remove: (...given) => whenUp(async () => heard(await provider.remove(...given))),
    }
  }

  const requests = () => [...w.rows.values()].map(({ value }) => value)
  const open = () => requests().filter((each) => isOpen(each) && !isAboutSchedule(each))

  const nextOf = (request: Request): number => {
    const next = nextStep(request, w.clock.now)
    if (next.do === 'nothing' || asleep.has(request.id)) return Number.POSITIVE_INFINITY
    return next.do === 'wait' ? next.until.getTime() : now() + MINUTE
  }
  const nextSweep = () => {
    const due = Math.min(...[...w.views.due.values()].map((row) => Date.parse(row.due)))
    return Math.max(Math.ceil(due / (5 * MINUTE)), Math.floor(now() / (5 * MINUTE)) + 1) * 5 * MINUTE
  }

  async function post(): Promise<void> {
    const { notices, eligibilityNotices, incidents } = w.post
    for (const list of [notices, eligibilityNotices, incidents])
      for (const notice of list.splice(0)) await deliver(ports, notice)
    w.post.mails.length = 0
    w.logged.length = 0
    w.announced.length = 0
  }

  async function pass(until: number): Promise<void> {
    while (now() < until) {
      const at = Math.min(until, nextScan, nextSweep(), ...open().map(nextOf))
      w.clock.now = new Date(Math.max(at, now() + 1000))
      for (const { id, turn, ...rest } of open())
        if (!asleep.has(id) && nextStep({ id, turn, ...rest }, w.clock.now).do !== 'wait')
          await advance(ports, { requestId: id, turn: turn + 1 }).catch(onlyTrouble)
      if (now() % (5 * MINUTE) < 1000) await sweep(ports, w.workflows)
      if (now() >= nextScan) {
        await scan(ports, w.workflows)
        nextScan = now() + (now() < busyUntil ? 15 * MINUTE : DAY / 2)
      }
      await post()
    }
  }

  function giveOutside(principalId: string, role: Role): void {
    takenOutside.delete(w.tenant.give(principalId, role))
  }
  function takeOutside(principalId: string, role: Role): void {
    const there = w.tenant.rows.filter(
      (row) => !row.removedAt && keyOf(row.principalId, row.role) === keyOf(principalId, role),
    )
    for (const row of there) {
      row.removedAt = now()
      takenOutside.add(row.id)
    }
  }

  /** From now on compared at its period for a while. */
  function changed(): void {
    busyUntil = Math.max(now(), outage.until) + 90 * MINUTE
    nextScan = Math.min(nextScan, now() + 15 * MINUTE)
  }

  const standing = async (): Promise<Incident[]> => {
    const lists = ROLES.flatMap(({ provider }) =>
      (['active', 'acknowledged'] as const).map((state) =>
        ports.findings.incidents(provider, state, { top: 200, after: null }),
      ),
    )
    const all = (await Promise.all(lists)).flatMap(({ items }) => items)
    return [...new Map(all.map((each) => [each.id, each])).values()]
  }

  /** Who has what in the tenant, as texts; without those who administer it. */
  const held = () =>
    w.tenant.rows
      .filter(
        ({ removedAt, principalId }) => removedAt === null && PEOPLE.some(({ id }) => id === principalId),
      )
      .map(({ principalId, role }) => keyOf(principalId, role))
  /** Who has what as the ledger says: held for good through us, and known to stand. */
  const ledger = async () => [
    ...open()
      .filter((request) => request.status === 'Provisioned' && isForGood(request))
      .map((request) => keyOf(request.principal.id, request)),
    ...(await standing())
      .filter(({ principal }) => PEOPLE.some(({ id }) => id === principal.id))
      .map(({ principal, ...role }) => keyOf(principal.id, role)),
  ]
  /** Ours, and covering now. */
  const covering = () =>
    open().filter(
      (request) =>
        request.status === 'Provisioned' &&
        isOurs(request) &&
        (request.endsAt === null || Date.parse(request.endsAt) > now() + 1000),
    )
  return {
    ...w,
    ports,
    outage,
    lost,
    asleep,
    pass,
    changed,
    giveOutside,
    takeOutside,
    takenOutside,
    requests,
    open,
    standing,
    held,
    ledger,
    covering,
  }
}

export const keyOf = (principalId: string, role: Role) => `${principalId} ${roleKey(role)}`

function onlyTrouble(error: unknown): void {
  if (!(error instanceof Unavailable) && !(error instanceof Impossible)) throw error
}
