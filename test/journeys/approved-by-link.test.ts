import { expect, test } from 'vitest'
import { Browser, wordsOn } from '../../local/demo/browser.ts'
import { story, TRAIL } from '../support/story.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()

test('a mailed link decides where the role is not privileged, and the trail and the mails tell it', async () => {
  const { ada, grace, becomes, recorded, mailed } = await story(world, 'exchangeAdministrator', {
    approval: true,
  })
  const request = await ada.asks()
  expect(request).toMatchObject({ status: 'PendingApproval', approval: { reviewResult: 'NotReviewed' } })
  expect(await ada.holds()).toBe(false)

  const page = await grace.opens(await grace.mailedLink())
  expect(page.status).toBe(200)
  expect(wordsOn(page)).toContain('Ada Lovelace asks to activate Exchange Administrator')
  expect(wordsOn(page)).toContain('INC-42: mail is not delivered')
  const decided = await grace.browser.decide(page, 'Approve')
  expect(decided.status).toBe(200)
  expect(wordsOn(decided)).toContain('Thank you. It was approved by Grace Hopper.')

  expect(await becomes(request, 'Provisioned')).toMatchObject({
    status: 'Provisioned',
    approval: { reviewResult: 'Approved', reviewedBy: { id: grace.id }, justification: 'Known change.' },
  })
  expect(await ada.holds()).toBe(true)
  expect(await recorded(request, 4)).toEqual([TRAIL.asked, TRAIL.approvalAsked, TRAIL.approved, TRAIL.given])
  const review = "PIM: Review Ada Lovelace's request to activate the Exchange Administrator role"
  const approved = 'request to activate the Exchange Administrator role was approved by Grace Hopper'
  expect(await mailed(5)).toEqual([
    expect.stringMatching(
      /^ada: PIM: Your Exchange Administrator role is active until .* UTC, approved by Grace Hopper$/,
    ),
    `grace: PIM: Ada Lovelace's ${approved}`,
    `grace: ${review}`,
    `linus: PIM: Ada Lovelace's ${approved}`,
    `linus: ${review}`,
  ])
})

test('a link that was used, and a second approver, are shown what happened and by whom', async () => {
  const { ada, grace, linus, becomes } = await story(world, 'exchangeAdministrator', { approval: true })
  const request = await ada.asks()
  const [link, other] = [await grace.mailedLink(), await linus.mailedLink()]
  const page = await grace.opens(link)
  const others = await linus.opens(other)
  await grace.browser.decide(page, 'Approve')

  for (const again of [link, other])
    expect(wordsOn(await new Browser().open(again))).toContain('It was approved by Grace Hopper.')
  const same = await grace.browser.decide(page, 'Approve')
  expect([same.status, wordsOn(same)]).toEqual([
    200,
    expect.stringContaining('It was approved by Grace Hopper.'),
  ])
  const opposite = await grace.browser.decide(page, 'Deny')
  expect([opposite.status, wordsOn(opposite)]).toEqual([
    409,
    expect.stringContaining('It was approved by Grace Hopper.'),
  ])
  const late = await linus.browser.decide(others, 'Deny')
  expect([late.status, wordsOn(late)]).toEqual([
    409,
    expect.stringContaining('It was approved by Grace Hopper.'),
  ])
  expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
  expect(await ada.holds()).toBe(true)
})

test('opening a link changes nothing, however often and with whatever is appended to it', async () => {
  const { ada, grace, becomes, recorded } = await story(world, 'reportsReader', { approval: true })
  const request = await ada.asks()
  const link = await grace.mailedLink()
  const tracked = `${link}?utm_source=mail&reviewResult=Approve&justification=x`
  for (let visit = 0; visit < 10; visit++)
    for (const address of [link, tracked]) {
      expect((await fetch(address, { method: 'HEAD' })).status).toBe(200)
      expect((await fetch(address)).status).toBe(200)
    }
  expect((await becomes(request, 'PendingApproval')).status).toBe('PendingApproval')
  expect(await recorded(request, 2)).toEqual([TRAIL.asked, TRAIL.approvalAsked])

  const decided = await grace.browser.decide(await grace.opens(tracked), 'Approve')
  expect(decided.status).toBe(200)
  expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
})

test('a link that was changed, or belongs to no request, opens nothing', async () => {
  const { ada, grace } = await story(world, 'reportsReader', { approval: true })
  await ada.asks()
  const link = await grace.mailedLink()
  const [start, token = ''] = link.split('/api/approve/')
  const [body, signature = ''] = token.split('.')
  const changed = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
  for (const wrong of [`${body}.${changed}`, `${body}.`, 'nonsense', 'a.b'])
    expect((await fetch(`${start}/api/approve/${wrong}`)).status).toBe(404)
})

test('a form of another site, another session or without a reason decides nothing', async () => {
  const { ada, grace, linus, becomes } = await story(world, 'reportsReader', { approval: true })
  const request = await ada.asks()
  const link = await grace.mailedLink()
  const page = await grace.opens(link)
  const token = /name="formToken" value="([^"]+)"/.exec(page.html)?.[1] as string
  const lent = /name="formToken" value="([^"]+)"/.exec(
    (await linus.opens(await linus.mailedLink())).html,
  )?.[1]
  const post = async (form: Record<string, string>, headers: Record<string, string> = {}) =>
    (await fetch(link, { method: 'POST', body: new URLSearchParams(form), headers })).status

  const form = { reviewResult: 'Approve', justification: 'x', formToken: token }
  expect(await post(form, { origin: 'https://elsewhere.example' })).toBe(403)
  expect(await post(form, { 'sec-fetch-site': 'cross-site' })).toBe(403)
  expect(await post({ ...form, formToken: lent as string })).toBe(403)
  expect(await post({ ...form, justification: ' ' })).toBe(400)
  expect(await post({ reviewResult: 'Approve', justification: 'x' })).toBe(400)
  expect((await becomes(request, 'PendingApproval')).status).toBe('PendingApproval')
})

test.skipIf(isForeign)(
  'a link outlives its request: after a denial it says so, weeks later too',
  async () => {
    const { ada, grace, becomes, recorded } = await story(world, 'messageCenterReader', { approval: true })
    const request = await ada.asks()
    const link = await grace.mailedLink()
    const denied = await grace.browser.decide(await grace.opens(link), 'Deny', 'Not during the freeze.')
    expect(wordsOn(denied)).toContain('Thank you. It was denied by Grace Hopper.')
    expect((await becomes(request, 'Denied')).approval?.justification).toBe('Not during the freeze.')
    expect(await ada.holds()).toBe(false)
    expect(await recorded(request, 3)).toEqual([TRAIL.asked, TRAIL.approvalAsked, TRAIL.denied])
    await world.host.jump('P21D')
    expect(wordsOn(await new Browser().open(link))).toContain('It was denied by Grace Hopper.')
  },
)
