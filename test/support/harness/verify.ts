import type { Story } from './journeys.ts'

export type Findings = {
  /** What must not be. */
  wrong: string[]
  status: string
  /** Why it failed, where it did. */
  failure: string
  /** How many were made. */
  requests: number
  /** Each mail as recipient and subject, without names and times. */
  mails: string[]
}

/** Looks at everything after the run is over: tenant, truth, lists, trail, mails. */
export async function verify(story: Story): Promise<Findings> {
  const { stage, person, journey } = story
  const wrong: string[] = []
  const must = (is: boolean, otherwise: string) => void (is || wrong.push(otherwise))

  must(!(await stage.holds(person.id, journey.role)), 'The role is still held at the end.')
  const truth = await stage.rows('InterimTruth', person.id)
  const docs = (prefix: string) =>
    truth.filter(({ rowKey }) => rowKey.startsWith(prefix)).map(({ doc }) => JSON.parse(doc))
  must(docs('live|guard').length === 0, 'A guard is left: nobody could ask again.')
  must(docs('live|req').length === 0, 'The request is still among the live ones.')
  const requests = docs('past|')
  const request = requests.find(({ id }) => id === story.requestId) ?? requests.at(-1)
  const most = journey.requests ?? 1
  must(requests.length <= most, `There are ${requests.length} requests, and not ${most}.`)
  must(!story.requestId || request?.id === story.requestId, 'The request is not among the past ones.')
  const status: string = request?.status ?? 'none'
  const failure = request?.failure ? JSON.stringify(request.failure) : ''

  const recorded = docs(`audit|req-`)
  const names = recorded.map((event) => event.activityDisplayName)
  const expected = requests.flatMap(trailOf)
  must(
    JSON.stringify([...names].sort()) === JSON.stringify([...expected].sort()),
    `The trail of ${status} is ${JSON.stringify(names)} and not ${JSON.stringify(expected)}.`,
  )
  const ids = recorded.map(({ id }) => id).sort()
  const from = story.begun.toISOString()
  const role = stage.role(journey.role)
  for (const [who, list] of [
    [story.isGone ? 'dorothy' : person.short, `principalId=${person.id}&top=200&from=${from}`],
    ['dorothy', `${new URLSearchParams(role)}&top=200&from=${from}`],
    ['dorothy', `top=200&from=${from}`],
  ] as const) {
    const found = (await stage.list(who, `/api/audit?${list}`))
      .filter(({ correlationId }) => requests.some(({ id }) => id === correlationId))
      .map(({ id }) => id)
      .sort()
    must(
      JSON.stringify(found) === JSON.stringify(ids),
      `The audit by ${list.split('=')[0]} has ${short(found)} and not ${short(ids)}.`,
    )
  }

  if (journey.isTold) {
    const told = new Set(stage.endpoint.taken())
    const untold = ids.filter((id) => !told.has(id))
    must(untold.length === 0, `The webhook was not told of ${short(untold)}.`)
  }

  const granted = stage.proxy.calls.filter(
    ({ what, body }) => what === 'POST /roleManagement/directory/roleAssignments' && body.includes(person.id),
  )
  const needsDecision = journey.role === 'approved' || journey.role === 'staged'
  for (const { n } of granted)
    must(
      !needsDecision || (story.approvedAfter !== null && n > story.approvedAfter),
      'The role was asked of the tenant before anybody had approved.',
    )

  must((await stage.list('grace', '/api/approvals')).length === 0, "The approver's list is not empty.")
  const listed = (await stage.rows('InterimOpen', 'open')).map(({ rowKey }) => rowKey)
  const open = listed.filter((key) => !isEndAhead(key, story.begun))
  must(open.length === 0, `Still listed as open: ${open.join(' ')}`)
  const health = await stage.api('dorothy', 'GET', '/api/health')
  must(health.body.pastDue === 0, `Past due: ${health.body.pastDue}`)
  if (story.isGone) return { wrong, status, failure, requests: requests.length, mails: await mailsOf(story) }
  const again = await stage.api(person.short, 'POST', '/api/requests', {
    action: 'selfActivate',
    ...role,
    justification: 'once more',
    isValidationOnly: true,
    scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
  })
  must(again.status === 201, `Asking again would be refused: ${JSON.stringify(again.body)}`)
  const poison = await stage
    .queue('interim-outbox-poison')
    .getProperties()
    .then(({ approximateMessagesCount }) => approximateMessagesCount ?? 0)
    .catch(() => 0)
  must(poison === 0, 'Notices lie in the poison queue.')
  return { wrong, status, failure, requests: requests.length, mails: await mailsOf(story) }
}

/** The sweep's next look at an eligibility that ends one day, and its place among what ends: no part of the story. */
const isEndAhead = (key: string, begun: Date) =>
  key.includes('|elig-') &&
  (/\|(\d{4}-\d\d-\d\dT[^|]+Z)\|/.exec(key)?.[1] ?? '') > new Date(begun.getTime() + MONTH).toISOString()
const MONTH = 30 * 24 * 3_600_000

const short = (ids: string[]) => `[${ids.map((id) => id.split('.').at(-1)).join(', ')}]`

/** The trail that a request in this state must have: each event once, and no other. */
function trailOf(request: any): string[] {
  return namesOf(request).map((name) => (request.action === 'adminAssign' ? (ASSIGNED[name] ?? name) : name))
}

/** What the same is called of what an administrator assigned for a time. */
const ASSIGNED: Record<string, string> = {
  'Add member to role requested (PIM activation)': 'Add member to role in PIM requested (timebound)',
  'Add member to role completed (PIM activation)': 'Add member to role in PIM completed (timebound)',
  'Remove member from role (PIM activation expired)': 'Remove member from role in PIM completed (timebound)',
}

function namesOf(request: any): string[] {
  const { approval, grant, ending, status } = request
  const names = ['Add member to role requested (PIM activation)']
  if (approval) names.push('Add member to role approval requested (PIM activation)')
  for (const { reminders, escalatedAt } of approval?.stages ?? []) {
    for (let n = 0; n < reminders; n++) names.push('Add member to role approval reminded (PIM activation)')
    if (escalatedAt) names.push('Add member to role approval escalated (PIM activation)')
  }
  const last = approval?.decision?.reviewResult === 'Approved' ? 1 : 0 // it is the decision
  for (let n = last; n < (approval?.votes.length ?? 0); n++)
    names.push('Add member to role approval signed (PIM activation)')
  if (approval?.decision?.reviewResult === 'Approved')
    names.push('Add member to role request approved (PIM activation)')
  if (approval?.decision?.reviewResult === 'Denied')
    names.push('Add member to role request denied (PIM activation)')
  if (status === 'TimedOut') names.push('PIM activation request expired')
  if (status === 'Canceled') names.push('Add member to role canceled (PIM activation)')
  if (grant?.grantedAt) names.push('Add member to role completed (PIM activation)')
  if (ending?.because === 'deactivated') names.push('Remove member from role requested (PIM deactivate)')
  if (ending?.attempts >= 4)
    names.push(
      ending.because === 'deactivated'
        ? 'Remove member from role completed (PIM deactivate)'
        : 'Remove member from role (PIM activation expired)',
    )
  if (status === 'Expired') names.push('Remove member from role (PIM activation expired)')
  if (status === 'Revoked')
    names.push(
      ending?.because === 'removedOutside'
        ? 'Remove member from role outside of PIM (PIM activation)'
        : 'Remove member from role completed (PIM deactivate)',
    )
  if (status === 'Failed') names.push('Add member to role completed (PIM activation)')
  return names
}

async function mailsOf({ stage, person }: Story): Promise<string[]> {
  const mails = await stage.tenant.mails()
  // What stands at a place that has just come under management is told once, and a week ends once: whose run that is in is chance.
  // So it is with being made eligible, before the run begins.
  const ofStory = mails.filter(
    ({ subject }) => !/not made through PIM|weekly digest|(You are| is) eligible for /.test(subject),
  )
  return ofStory.map(({ to, subject }) =>
    `${to}: ${subject}`
      .replaceAll(person.displayName, '…')
      .replaceAll(`${person.short}@`, 'person@')
      .replaceAll(/\d+ \w+ \d{4}, \d\d:\d\d/g, '<time>'),
  )
}
