import { expect, test } from 'vitest'
import { Browser, wordsOn } from '../../local/demo/browser.ts'
import { story, TRAIL } from '../support/story.ts'
import { useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()

test('a privileged role is decided on the page by the approver who has signed in', async () => {
  const { ada, grace, becomes, recorded } = await story(world, 'userAdministrator', { approval: true })
  const request = await ada.asks()
  const page = await grace.opens(await grace.mailedLink())
  expect(wordsOn(page)).toContain('This role asks you to sign in before you decide.')
  expect(page.html).not.toContain('<form')

  const signedIn = await grace.browser.signIn(page, grace.short)
  expect(wordsOn(signedIn)).toContain('You are signed in as Grace Hopper.')
  const decided = await grace.browser.decide(signedIn, 'Approve')
  expect([decided.status, wordsOn(decided)]).toEqual([
    200,
    expect.stringContaining('Thank you. It was approved by Grace Hopper.'),
  ])

  expect((await becomes(request, 'Provisioned')).approval?.reviewedBy?.id).toBe(grace.id)
  expect(await ada.holds()).toBe(true)
  expect(await recorded(request, 4)).toEqual([TRAIL.asked, TRAIL.approvalAsked, TRAIL.approved, TRAIL.given])
})

test('the link alone does not decide for a privileged role, whatever form is sent with it', async () => {
  const { ada, grace, linus, becomes } = await story(world, 'helpdeskAdministrator', { approval: true })
  const request = await ada.asks()
  const link = await grace.mailedLink()
  const own = await linus.browser.signIn(await linus.opens(await linus.mailedLink()), linus.short)
  const formToken = /name="formToken" value="([^"]+)"/.exec(own.html)?.[1] as string
  const form = { reviewResult: 'Approve', justification: 'x', formToken }

  expect((await new Browser().open(link, form)).status).toBe(403)
  expect((await new Browser().open(link, { ...form, formToken: '' })).status).toBe(403)
  expect((await becomes(request, 'PendingApproval')).status).toBe('PendingApproval')
})

test('somebody else who has signed in may not decide by a link that is not theirs', async () => {
  const { ada, grace, linus, meet, becomes } = await story(world, 'helpdeskAdministrator', { approval: true })
  const request = await ada.asks()
  const link = await grace.mailedLink()
  const mallory = await meet('mallory', 'Mallory Malone')

  for (const [somebody, name] of [
    [mallory, 'Mallory Malone'],
    [linus, 'Linus Torvalds'],
    [ada, 'Ada Lovelace'],
  ] as const) {
    const page = await somebody.browser.signIn(await somebody.opens(link), somebody.short)
    expect(wordsOn(page)).toContain(`You are signed in as ${name}, and this link is somebody else's.`)
    const form = { reviewResult: 'Approve', justification: 'x', formToken: 'a.b' }
    expect((await somebody.browser.open(link, form)).status).toBe(403)
  }
  expect((await becomes(request, 'PendingApproval')).status).toBe('PendingApproval')

  const right = await grace.browser.signIn(await grace.opens(link), grace.short)
  expect((await grace.browser.decide(right, 'Approve')).status).toBe(200)
  expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
})

test('a role may insist on the sign-in though it is not privileged, and a privileged one trust the link', async () => {
  const careful = await story(world, 'groupsAdministrator', { approval: { byLink: false } })
  await careful.ada.asks()
  expect(wordsOn(await careful.grace.opens(await careful.grace.mailedLink()))).toContain('Sign in to decide')

  const trusting = await story(world, 'securityReader', { approval: { byLink: true } })
  const request = await trusting.ada.asks()
  const page = await trusting.grace.opens(await trusting.grace.mailedLink())
  expect((await trusting.grace.browser.decide(page, 'Approve')).status).toBe(200)
  expect((await trusting.becomes(request, 'Provisioned')).status).toBe('Provisioned')
})

test('a sign-in leads back to the page of an approval and nowhere else', async () => {
  for (const elsewhere of ['https://elsewhere.example/', '//elsewhere.example', '/api/requests'])
    expect(
      (
        await fetch(`${world.url}/api/sign-in?returnTo=${encodeURIComponent(elsewhere)}`, {
          redirect: 'manual',
        })
      ).status,
    ).toBe(400)
  expect((await fetch(`${world.url}/api/sign-in/callback?code=x&state=y`)).status).toBe(400)
})
