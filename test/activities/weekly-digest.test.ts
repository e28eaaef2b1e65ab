import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deliver } from '../../src/activities/deliver.ts'
import { weeklyDigest } from '../../src/activities/weekly-digest.ts'
import { getDigest } from '../../src/api/digests.ts'
import { chooseDigest } from '../../src/api/own-settings.ts'
import { DIGEST_ROLES } from '../../src/domain/digest.ts'
import { makeId } from '../../src/domain/ids.ts'
import { listedAtRest, UNLISTED } from '../../src/domain/open-work.ts'
import type { Request } from '../../src/domain/request.ts'
import { provisioned } from '../../src/domain/request-steps.ts'
import { HOUR } from '../../src/domain/schedule.ts'
import { weekOf } from '../../src/domain/week.ts'
import { beingTaken, held } from '../domain/requests.ts'
import { alan, dorothy, exchangeRole, grace, ken, linus, mallory } from '../fakes/people.ts'
import { type World, world } from '../fakes/world.ts'
import { dyingAt } from '../support/dying.ts'

// New Year's Day of 2030 is a Tuesday: its week is 2030-W01, and its digest goes out on Monday the 7th at eight.
const WEEK = '2030-W01'
const MONDAY = '2030-01-07T08:00:00.000Z'
const [, , SECURITY_ADMINISTRATOR] = DIGEST_ROLES as [string, string, string]
const YEAR = 365 * 86_400_000

function installed(): World {
  const w = world()
  for (const { id } of [grace, linus])
    w.tenant.give(id, { ...exchangeRole, roleDefinitionId: SECURITY_ADMINISTRATOR }, YEAR)
  return w
}

/** So many more who get it. */
function more(w: World, count: number): string[] {
  return Array.from({ length: count }, (_, n) => {
    const id = `44444444-0000-4000-8000-0000000000${n + 10}`
    w.tenant.people.set(id, { ...grace, id })
    w.tenant.give(id, { ...exchangeRole, roleDefinitionId: SECURITY_ADMINISTRATOR }, YEAR)
    return id
  })
}

/** Mallory is given a role for good, and it stands in the trail. */
async function assignedForGood({ ports }: World): Promise<void> {
  const request: Request = {
    ...held,
    id: makeId('req', mallory.id, ports.now(), ports.random()),
    action: 'adminAssign',
    principal: { id: mallory.id, displayName: mallory.displayName },
    endsAt: null,
  }
  await ports.views.indexEvents(provisioned(request, 'assignment', false, ports.now()).events)
}

const toldTo = (w: World) => w.post.digests.map(({ personId, digest: { week } }) => `${week} ${personId}`)

describe('the weekly digest', () => {
  test('goes once, on Monday at eight, to those who administer, and says what happened', async () => {
    const w = installed()
    await weeklyDigest(w.ports)
    await assignedForGood(w)
    w.at('2030-01-07T07:59:00.000Z')
    await weeklyDigest(w.ports)
    expect(toldTo(w)).toEqual([])
    w.at(MONDAY)
    for (let n = 0; n < 3; n++) await weeklyDigest(w.ports)
    expect(toldTo(w)).toEqual([grace, linus, alan].map(({ id }) => `${WEEK} ${id}`))
    for (const notice of w.post.digests) await deliver(w.ports, notice)
    expect(w.post.mails.map(({ to, key }) => [to.id, key])).toEqual(
      [grace, linus, alan].map(({ id }) => [id, `digest ${WEEK} ${id}`]),
    )
    const [mail] = w.post.mails
    expect(mail?.subject).toBe('PIM: Your weekly digest for Contoso')
    expect(mail?.text).toContain('Monday, 31 Dec 2029 to Sunday, 6 Jan 2030 (UTC)')
    expect(mail?.text).toContain('Users made permanent: 1')
    expect(mail?.text).toContain('- Mallory Malone, Exchange Administrator: ')
    expect(mail?.unsubscribe).toBe(`https://interim.example/unsubscribe/${grace.id}`)
    w.at('2030-01-13T20:00:00.000Z')
    more(w, 2) // who comes later gets the next one
    await weeklyDigest(w.ports)
    expect(toldTo(w)).toHaveLength(3)
  })

  test('a host that slept through Monday sends it when it is back; of a quiet week there is nothing to send', async () => {
    const w = installed()
    await weeklyDigest(w.ports)
    await assignedForGood(w)
    w.at('2030-01-10T23:00:00.000Z')
    expect(await weeklyDigest(w.ports)).toMatchObject({ week: WEEK, sent: 3 })
    w.at('2030-01-14T09:00:00.000Z')
    expect((await w.ports.digests.find(WEEK))?.asOf).toBe('2030-01-10T23:00:00.000Z')
    await weeklyDigest(w.ports)
    expect(toldTo(w)).toHaveLength(3)
    expect((await w.ports.digests.find('2030-W02'))?.providers).toEqual([])
  })

  test('one who slept through the whole week does not send it hours before the next', async () => {
    const w = installed()
    await weeklyDigest(w.ports)
    await assignedForGood(w)
    w.at('2030-01-14T03:00:00.000Z')
    await assignedForGood(w)
    expect(await weeklyDigest(w.ports)).toBeUndefined()
    expect(toldTo(w)).toEqual([])
    expect((await getDigest(w.ports, WEEK)).providers).toMatchObject([{ counts: { permanent: 1 } }])
    w.at('2030-01-21T08:00:00.000Z')
    expect(await weeklyDigest(w.ports)).toMatchObject({ week: '2030-W03', sent: 3 })
  })

  test('of the time before this installation there is none', async () => {
    const w = installed()
    await assignedForGood(w)
    expect(await weeklyDigest(w.ports)).toBeUndefined()
    expect(toldTo(w)).toEqual([])
    expect((await getDigest(w.ports, 'current')).providers).toMatchObject([{ counts: { permanent: 1 } }])
  })

  test.each<[string, (w: World) => Promise<void> | void]>([
    ['has ended it', (w) => chooseDigest(w.ports, grace, false)],
    [
      'does not hold a role any more',
      (w) => {
        for (const row of w.tenant.rows) if (row.principalId === grace.id) row.removedAt = 1
      },
    ],
    ['is disabled', (w) => void w.tenant.people.set(grace.id, { ...grace, accountEnabled: false })],
    ['is gone', (w) => void w.tenant.people.delete(grace.id)],
    ['has no address', (w) => void w.tenant.people.set(grace.id, { ...grace, mail: null })],
  ])('nobody gets it who %s when it goes out', async (_name, change) => {
    const w = installed()
    await weeklyDigest(w.ports)
    await assignedForGood(w)
    w.at(MONDAY)
    await weeklyDigest(w.ports)
    await change(w)
    for (const notice of w.post.digests) await deliver(w.ports, notice)
    expect(w.post.mails.map(({ to }) => to.id)).toEqual([linus.id, alan.id])
  })

  test('nor an emergency account, a disabled one, or who only looks on', async () => {
    const w = installed()
    w.ports.breakGlass = [alan.id]
    w.tenant.give(ken.id, { ...exchangeRole, roleDefinitionId: SECURITY_ADMINISTRATOR }, YEAR)
    await weeklyDigest(w.ports)
    await assignedForGood(w)
    w.at(MONDAY)
    await weeklyDigest(w.ports)
    expect(toldTo(w)).toEqual([grace, linus].map(({ id }) => `${WEEK} ${id}`))
    expect(toldTo(w).join()).not.toContain(dorothy.id)
  })

  test('to many it goes a few at a time', async () => {
    const w = installed()
    more(w, 20)
    await weeklyDigest(w.ports)
    await assignedForGood(w)
    w.at(MONDAY)
    await weeklyDigest(w.ports)
    const inFirstHour = w.post.digests.filter(({ delaySeconds }) => delaySeconds < 3600)
    expect(w.post.digests).toHaveLength(23)
    expect(new Set(toldTo(w)).size).toBe(23)
    expect(w.post.digests.filter(({ delaySeconds }) => delaySeconds === 0)).toHaveLength(5)
    expect(inFirstHour.length).toBeLessThanOrEqual(80)
  })

  test('wherever the process dies, everybody gets it, and few of them twice, by one key', async () => {
    for (const when of ['before', 'after'] as const)
      for (let nth = 1, dies = true; dies; nth++) {
        const w = installed()
        const everybody = [...[grace, linus, alan].map(({ id }) => id), ...more(w, 9)]
        await weeklyDigest(w.ports)
        await assignedForGood(w)
        w.at(MONDAY)
        const mortal = dyingAt(w.ports, w.workflows, nth, when)
        await weeklyDigest(mortal.ports).catch(() => undefined)
        dies = mortal.died()
        await weeklyDigest(w.ports)
        expect([...new Set(toldTo(w))].sort()).toEqual(everybody.map((id) => `${WEEK} ${id}`))
        expect(toldTo(w).length).toBeLessThanOrEqual(everybody.length + 5)
        expect((await w.ports.digests.find(WEEK))?.providers).toMatchObject([{ counts: { permanent: 1 } }])
        const sent = w.post.digests.length
        await weeklyDigest(w.ports)
        expect(w.post.digests).toHaveLength(sent)
      }
  })

  test('each week has exactly one, whenever the host was awake', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 5, maxLength: 25 }),
        fc.constantFrom('UTC', 'Pacific/Apia', 'America/Havana', 'Asia/Kathmandu'),
        async (naps, timeZone) => {
          const w = installed()
          w.ports.digestTime = { timeZone, hour: 8 }
          let slept = 0
          for (const nap of naps) {
            await assignedForGood(w)
            await weeklyDigest(w.ports)
            w.at(new Date(w.ports.now().getTime() + nap * HOUR).toISOString())
            slept += nap
          }
          expect(new Set(toldTo(w)).size).toBe(toldTo(w).length)
          const weeks = new Set(w.post.digests.map(({ digest: { week } }) => week))
          expect(weeks.size).toBeLessThanOrEqual(Math.ceil(slept / 168) + 1)
          for (const week of weeks) expect(week < weekOf(w.ports.now(), timeZone)).toBe(true)
        },
      ),
      { numRuns: 15 },
    )
  })
})

test('what is overdue of one provider hides nothing of another', async () => {
  const w = installed()
  w.at('2030-01-02T09:00:00.000Z')
  const overdue = async (n: number, more: Partial<Request>) => {
    const id = makeId('req', mallory.id, new Date('2030-01-01T09:00:00.000Z'), `${n}`.padStart(12, '0'))
    const request = { ...beingTaken, ...more, id, principal: { id: mallory.id, displayName: 'Mallory' } }
    await w.ports.store.openRequest({ request, events: [] })
    await w.ports.views.list(id, listedAtRest(request, w.clock.now), UNLISTED)
  }
  for (let n = 0; n < 11; n++) await overdue(n, { scope: `/administrativeUnits/${n}` })
  await overdue(11, { provider: 'group', roleDefinitionId: 'member', scope: '/groups/x', scopeName: 'X' })
  const { providers } = await getDigest(w.ports, 'current')
  expect(
    providers.map(({ provider, lists }) => [provider, lists.overdue?.items.length, lists.overdue?.hasMore]),
  ).toEqual([
    ['directory', 10, true],
    ['group', 1, false],
  ])
})
