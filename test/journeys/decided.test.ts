import { expect, test } from 'vitest'
import { wordsOn } from '../../local/demo/browser.ts'
import { groupApproves, personApproves } from '../../local/demo/rules.ts'
import { story, TRAIL } from '../support/story.ts'
import { useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()

test('approved by API, and saying it again is answered as before', async () => {
  const { ada, grace, linus, becomes, recorded } = await story(world, 'userAdministrator', { approval: true })
  const request = await ada.asks()
  expect(await grace.approves(request)).toMatchObject({ approval: { reviewedBy: { id: grace.id } } })
  expect(await grace.approves(request)).toMatchObject({ approval: { reviewResult: 'Approved' } })
  expect(await linus.triesToDecide(request, 'Approve')).toMatchObject({
    status: 409,
    body: { error: { code: 'RoleAssignmentRequestAlreadyApproved' } },
  })
  expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
  expect(await ada.holds()).toBe(true)
  expect(await recorded(request, 4)).toEqual([TRAIL.asked, TRAIL.approvalAsked, TRAIL.approved, TRAIL.given])
})

test('denied: nothing is given, Ada and the other approver are told', async () => {
  const { ada, grace, becomes, recorded, mailed } = await story(world, 'helpdeskAdministrator', {
    approval: true,
  })
  const request = await ada.asks()
  await mailed(2) // who is asked too late is not asked any more
  expect((await grace.denies(request)).status).toBe('Denied')
  expect((await becomes(request, 'Denied')).completedDateTime).not.toBeNull()
  expect(await ada.holds()).toBe(false)
  expect(await recorded(request, 3)).toEqual([TRAIL.asked, TRAIL.approvalAsked, TRAIL.denied])
  const denied = 'request to activate the Helpdesk Administrator role was denied by Grace Hopper'
  expect(await mailed(4)).toEqual([
    `ada: PIM: Your ${denied}`,
    expect.stringContaining('grace: PIM: Review'),
    `linus: PIM: Ada Lovelace's ${denied}`,
    expect.stringContaining('linus: PIM: Review'),
  ])
  expect(await ada.asks()).toMatchObject({ status: 'PendingApproval' })
})

test('two approvers at once, one approving and one denying: one of them decides', async () => {
  const { ada, grace, linus, becomes, recorded } = await story(world, 'intuneAdministrator', {
    approval: true,
  })
  const request = await ada.asks()
  const answers = await Promise.all([
    grace.triesToDecide(request, 'Approve'),
    linus.triesToDecide(request, 'Deny'),
  ])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  const isApproved = answers[0].status === 200
  expect((await becomes(request, isApproved ? 'Provisioned' : 'Denied')).status).toBe(
    isApproved ? 'Provisioned' : 'Denied',
  )
  expect(await ada.holds()).toBe(isApproved)
  const decisions = (await recorded(request, 3)).filter((line) => /approved|denied/.test(line))
  expect(decisions).toHaveLength(1)
})

test('who approves finds what waits for them, until it is decided', async () => {
  const { ada, grace, linus, katherine, becomes } = await story(world, 'securityAdministrator', {
    approval: true,
  })
  const request = await ada.asks()
  expect(await grace.isAskedFor()).toEqual([request.id])
  expect(await linus.isAskedFor()).toEqual([request.id])
  expect(await ada.isAskedFor()).toEqual([])
  expect(await katherine.triesToDecide(request, 'Approve')).toMatchObject({ status: 403 })
  await grace.approves(request)
  await becomes(request, 'Provisioned')
  expect(await grace.isAskedFor()).toEqual([])
  expect(await linus.isAskedFor()).toEqual([])
})

test('an approver who has left the group decides no more, by no way', async () => {
  const { ada, grace, linus, approvers, becomes } = await story(world, 'groupsAdministrator', {
    approval: true,
  })
  const request = await ada.asks()
  const link = await grace.mailedLink()
  const page = await grace.opens(link)
  await world.tenant.control('DELETE', `/groups/${approvers.short}/members/${grace.short}`)

  expect(await grace.triesToDecide(request, 'Approve')).toMatchObject({ status: 403 })
  expect((await grace.browser.decide(page, 'Approve')).status).toBe(403)
  expect(wordsOn(await grace.opens(link))).toContain('You are not an approver of this request.')
  expect(await grace.isAskedFor()).toEqual([])
  expect((await becomes(request, 'PendingApproval')).status).toBe('PendingApproval')
  expect((await linus.approves(request)).approval?.reviewResult).toBe('Approved')
})

test('an approver whose account was disabled, or who was taken off the list, decides no more', async () => {
  const { ada, grace, linus, setRules, becomes } = await story(world, 'applicationAdministrator', {
    approval: true,
  })
  const request = await ada.asks()
  await world.tenant.control('PATCH', `/people/${grace.short}`, { accountEnabled: false })
  expect(await grace.triesToDecide(request, 'Approve')).toMatchObject({ status: 403 })
  await setRules({ approval: { approvers: [personApproves(grace.id)] } })
  expect(await linus.triesToDecide(request, 'Approve')).toMatchObject({ status: 403 })
  expect((await becomes(request, 'PendingApproval')).status).toBe('PendingApproval')
})

test('a requester among the approvers is not asked and cannot approve', async () => {
  const { ada, grace, approvers, becomes, mailed } = await story(world, 'conditionalAccessAdministrator', {
    approval: true,
  })
  await world.tenant.control('PUT', `/groups/${approvers.short}/members/${ada.short}`)
  const request = await ada.asks()
  expect((await mailed(2)).map((line) => line.split(':')[0])).toEqual(['grace', 'linus'])
  expect(await ada.isAskedFor()).toEqual([])
  expect(await ada.triesToDecide(request, 'Approve')).toMatchObject({ status: 403 })
  await grace.approves(request)
  expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
})

test('where nobody but the requester could approve, the request is refused', async () => {
  const { ada, newGroup, setRules } = await story(world, 'securityReader')
  const alone = await newGroup('alone', [ada.short])
  const nobody = await newGroup('nobody', [])
  for (const approvers of [[groupApproves(alone.id)], [groupApproves(nobody.id)], [personApproves(ada.id)]]) {
    await setRules({ approval: { approvers } })
    expect(await ada.triesToAsk()).toMatchObject({
      status: 400,
      body: { error: { details: [{ code: 'ApprovalRule' }] } },
    })
  }
})
