import { describe, expect, test } from 'vitest'
import { Browser, wordsOn } from '../../local/demo/browser.ts'
import { roles } from '../../local/tenant/seed.ts'
import type { Digest } from '../../src/domain/digest.ts'
import { weekOf, weekWindow } from '../../src/domain/week.ts'
import { Actor, accepted } from '../support/actor.ts'
import { parseCalendar } from '../support/calendar.ts'
import { type Story, story } from '../support/story.ts'
import { isForeign, LOOKING_AROUND, useWorld } from '../support/world.ts'

const ZONE = 'America/New_York'
const world = useWorld({ ...LOOKING_AROUND, DIGEST_TIME_ZONE: ZONE, TENANT_NAME: 'Contoso' })
const HOUR = 3_600_000
const FOR_A_WEEK = { expiration: { type: 'afterDuration', duration: 'P11D' } }

const digestsTo = async (short: string) =>
  (await world.tenant.mails(short)).filter(({ subject }) => subject.startsWith('PIM: Your weekly digest'))
/** As many as there are by now belong to weeks that were told of before. */
async function fromNowOn(short: string) {
  const before = (await digestsTo(short)).length
  return async () => (await digestsTo(short)).slice(before)
}
const administrator = (short: string) => new Actor(world, { id: '', short }, '')
const wantsDigest = (who: Actor) =>
  accepted(200, who.calls('PATCH', '/api/me/notifications', { weeklyDigest: true }))
/** To five past the hour of a Monday, and, a quarter of an hour later, past the timer. */
async function monday(from: Date, hours: number): Promise<void> {
  await world.host.jump(new Date(from.getTime() + hours * HOUR).toISOString())
  await world.advance('PT15M')
  await world.host.idle()
}

/** Roles outside: who administers is not this story's affair. */
const outside = (who: string, role: string) =>
  world.tenant.control('POST', '/role-assignments', { principal: who, role, scope: '/' })

describe.skipIf(isForeign)('a week passes', () => {
  let told: Story
  test('on Monday morning by the tenant’s clock two administrators are told, once; and not who has ended it', async () => {
    told = await story(world, 'reportsReader', { eligible: false })
    const { ada, grace, katherine, dorothy, makeEligible, meet, role } = told
    await wantsDigest(administrator('alan'))
    const sam = await meet('sam', 'Sam Security')
    await outside(sam.short, roles.securityAdministrator.id)
    expect(await accepted(200, sam.calls('GET', '/api/me/notifications'))).toEqual({ weeklyDigest: true })
    const off = { weeklyDigest: false }
    expect(await accepted(200, sam.calls('PATCH', '/api/me/notifications', off))).toEqual(off)
    // Looked at in this week for the first time, so that the next one is told of.
    const week = weekOf(await world.now(), ZONE)
    const next = weekWindow(week, ZONE).to
    await monday(next, 9)
    const following = weekOf(await world.now(), ZONE)
    const [toAlan, toKatherine] = [await fromNowOn('alan'), await fromNowOn('katherine')]
    await makeEligible(ada, FOR_A_WEEK)
    await ada.asks()
    await accepted(
      201,
      katherine.calls('POST', '/api/requests', {
        action: 'adminAssign',
        principalId: grace.id,
        roleDefinitionId: role.id,
        justification: 'for good',
      }),
    )
    await world.host.idle()

    const over = weekWindow(following, ZONE).to
    await monday(over, 7.5)
    expect([await toAlan(), await toKatherine()]).toEqual([[], []])
    await monday(over, 8)
    const [mail, ...more] = await toAlan()
    expect([more, await toKatherine()]).toMatchObject([[], [{ subject: mail?.subject }]])
    for (const nobody of [sam.short, 'dorothy', 'ada', 'breakglass1'])
      expect(await digestsTo(nobody)).toEqual([])
    expect(mail?.subject).toBe('PIM: Your weekly digest for Contoso')
    expect(mail?.text).toContain('Users activated: 1')
    expect(mail?.text).toContain('Users made permanent: 1')
    expect(mail?.text).toContain('Role assignments in PIM: 2')
    expect(mail?.text).toContain('- Grace Hopper, Reports Reader: ')
    expect(mail?.text).toContain('- Reports Reader: once activated, twice assigned')
    expect(mail?.headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click')

    const json = await accepted<Digest>(200, dorothy.calls('GET', `/api/digests/${following}`))
    const directory = json.providers.find(({ provider }) => provider === 'directory')
    expect(directory?.counts).toMatchObject({ activated: 1, permanent: 1, inside: 2 })
    expect(directory?.lists.expiringSoon?.items).toMatchObject([{ kind: 'eligibility', who: { id: ada.id } }])
    expect(mail?.text).toContain('Expiring within 14 days')
    const current = await accepted<Digest>(200, dorothy.calls('GET', '/api/digests/current'))
    expect([current.week > following, json.week]).toEqual([true, following])
    for (const [path, status] of [
      ['2020-W99', 400],
      ['2150-W01', 404],
    ])
      expect((await dorothy.calls('GET', `/api/digests/${path}`)).status).toBe(status)

    await monday(over, 30)
    expect([(await toAlan()).length, (await toKatherine()).length]).toEqual([1, 1])
  })

  test('opening the unsubscribe link changes nothing; one click of the mail program ends it', async () => {
    const alan = administrator('alan')
    await wantsDigest(alan)
    const [mail] = await digestsTo('alan')
    const address = /^<(.*)>$/.exec(mail?.headers['List-Unsubscribe'] ?? '')?.[1] as string
    const mine = () => accepted(200, alan.calls('GET', '/api/me/notifications'))
    for (const method of ['GET', 'HEAD']) expect((await fetch(address, { method })).status).toBe(200)
    expect(await mine()).toEqual({ weeklyDigest: true })
    const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })
    expect((await fetch(`${address}x`, { method: 'POST', body })).status).toBe(404)
    expect(await mine()).toEqual({ weeklyDigest: true })
    const done = await fetch(address, { method: 'POST', body })
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('You will not get')])
    expect(await mine()).toEqual({ weeklyDigest: false })
  })

  test('the page is for those who may look on, and have signed in', async () => {
    const { dorothy, ada } = told
    const visit = async ({ short }: Actor) => {
      const browser = new Browser()
      const page = await browser.open(`${world.url}/api/digest`)
      const [, address = ''] = /<a class="button main" href="([^"]+)"/.exec(page.html) ?? []
      const choose = await browser.open(new URL(address.replaceAll('&amp;', '&'), page.url))
      return { browser, page: await browser.open(choose.url, { person: short }) }
    }
    const { browser, page } = await visit(dorothy)
    expect([page.status, wordsOn(page)]).toEqual([
      200,
      expect.stringContaining('Your weekly digest for Contoso'),
    ])
    const [, before = ''] = /href="(\/api\/digest\?week=[^"]+)"/.exec(page.html) ?? []
    const last = wordsOn(await browser.open(new URL(before, page.url)))
    expect(last).toContain('Reports Reader once activated, twice assigned')
    expect((await visit(ada)).page.status).toBe(403)
  })
})

test('somebody’s calendar shows their own, until they take its address back', async () => {
  const { ada, role, makeEligible } = await story(world, 'groupsAdministrator', { eligible: false })
  const { id } = await makeEligible(ada, FOR_A_WEEK)
  const start = await world.inMinutes(60)
  const request = await ada.asks({
    scheduleInfo: { startDateTime: start, expiration: { type: 'afterDuration', duration: 'PT1H' } },
  })
  const made = async () =>
    (await accepted<{ address: string }>(201, ada.calls('POST', '/api/me/calendar'))).address
  const address = await made()
  const answer = await fetch(address)
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
    200,
    'text/calendar; charset=utf-8',
    'no-store',
  ])
  const events = parseCalendar(await answer.text())
  expect(events.map(({ UID, SUMMARY }) => [UID?.split('@')[0], SUMMARY])).toEqual([
    [request.id, `Will be active: ${role.displayName}`],
    [`${id}.end`, `You may no longer activate ${role.displayName}`],
  ])
  const again = await made()
  expect([(await fetch(address)).status, (await fetch(again)).status]).toEqual([404, 200])
  expect(await accepted(200, ada.calls('GET', '/api/me/calendar'))).toMatchObject({ isOn: true })
  expect((await ada.calls('DELETE', '/api/me/calendar')).status).toBe(204)
  expect((await fetch(again)).status).toBe(404)
  expect((await fetch(address.replace(/[^/]+$/, 'nothing.ics'))).status).toBe(404)
})
