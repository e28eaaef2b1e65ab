import { people } from '../../../local/tenant/seed.ts'
import { type Answered, HostDied, type RoleOfStage, type Stage } from './stage.ts'

/** What happens to one person in one run. */
export type Story = {
  stage: Stage
  journey: Journey
  person: { id: string; short: string; displayName: string }
  begun: Date
  /** How people take it when they hear nothing: they try once more, or they do not. */
  attitude: 'insists' | 'gives up'
  /** How many calls the proxy had seen when each decision was about to be sent. */
  approvedAfter: number | null
  requestId: string | undefined
  /** Somebody waits for an answer. */
  isAsking: boolean
  /** Deleted meanwhile: they ask no more. */
  isGone: boolean
}

export type Step = (story: Story) => Promise<void>

export type Journey = {
  name: string
  role: RoleOfStage
  steps: Step[]
  /** Somebody's webhook is sent every event. */
  isTold?: true
  /** How the request ends when everybody gets through. */
  end: string
  /** Not for every day: of its calls only those to the tenant are others than those of a directory role. */
  isForCampaigns?: true
  /** How many requests it makes; absent: one. */
  requests?: number
  /** Minutes from the beginning after which everything is over, the last look at the tenant included. */
  overAfter: number
}

const MINUTE = 60_000

/**
 * A journey is one entry; people come fresh to each run, and the clock goes on. `stretch` makes everything last longer,
 * approvals included, where outages are to fit in.
 */
export const journeysOf = (stretch = 1): Journey[] => [
  {
    name: 'activation with approval',
    role: 'approved',
    steps: [ask({ minutes: 60 * stretch }), passes(10), decide('Approve'), passes(20)],
    end: 'Expired',
    overAfter: 90 * stretch,
  },
  {
    name: 'activation without approval',
    role: 'open',
    steps: [ask({ minutes: 60 * stretch }), passes(15)],
    end: 'Expired',
    overAfter: 80 * stretch,
  },
  {
    name: 'denial',
    role: 'approved',
    steps: [ask({ minutes: 60 * stretch }), passes(10), decide('Deny')],
    end: 'Denied',
    overAfter: 60 * stretch,
  },
  {
    name: 'time-out',
    role: 'approved',
    steps: [ask({ minutes: 60 * stretch })],
    end: 'TimedOut',
    overAfter: 60 * stretch,
  },
  {
    name: 'early end',
    role: 'open',
    steps: [ask({ minutes: 120 * stretch }), passes(20), giveBack()],
    end: 'Revoked',
    overAfter: 150 * stretch,
  },
  {
    name: 'start in the future',
    role: 'open',
    steps: [ask({ minutes: 60 * stretch, startsIn: 30 * stretch }), passes(40 * stretch)],
    end: 'Expired',
    overAfter: 110 * stretch,
  },
  {
    name: 'withdrawal before the start',
    role: 'open',
    steps: [ask({ minutes: 60 * stretch, startsIn: 60 * stretch }), passes(10), withdraw()],
    end: 'Canceled',
    overAfter: 80 * stretch,
  },
  {
    name: 'assigned for a time',
    role: 'open',
    steps: [assign({ minutes: 60 * stretch, startsIn: 30 * stretch }), passes(40 * stretch)],
    end: 'Expired',
    overAfter: 110 * stretch,
  },
  {
    name: 'extension',
    role: 'open',
    steps: [ask({ minutes: 60 * stretch }), passes(10), extend({ minutes: 90 * stretch }), passes(15)],
    end: 'Expired',
    requests: 2,
    overAfter: 130 * stretch,
  },
  {
    name: 'two stages, the second escalated',
    role: 'staged',
    steps: [
      ask({ minutes: 60 * stretch }),
      passes(10), // the sweep has asked by then, where whoever asked died before
      decide('Approve', 'grace', 'of several'),
      passes(16 * stretch), // past the escalation, with time left to try again
      decide('Approve', 'margaret'),
      passes(20),
    ],
    end: 'Expired',
    isForCampaigns: true,
    overAfter: 130 * stretch,
  },
  {
    name: 'told to a webhook',
    role: 'approved',
    isTold: true,
    steps: [ask({ minutes: 60 * stretch }), passes(10), decide('Approve'), passes(20)],
    end: 'Expired',
    isForCampaigns: true,
    overAfter: 90 * stretch + 120, // an endpoint that was away for an hour is left alone for up to another
  },
  {
    name: 'Azure role',
    role: 'azure',
    steps: [ask({ minutes: 60 * stretch }), passes(15)],
    end: 'Expired',
    isForCampaigns: true,
    overAfter: 80 * stretch,
  },
  {
    name: 'group membership',
    role: 'membership',
    steps: [ask({ minutes: 60 * stretch }), passes(15)],
    end: 'Expired',
    isForCampaigns: true,
    overAfter: 80 * stretch,
  },
  ...(['open', 'azure', 'membership'] as const).map(
    (role): Journey => ({
      name: `overlap of an activation and an assignment: ${role}`,
      role,
      steps: [
        ask({ minutes: 60 * stretch }),
        passes(10),
        assign({ minutes: 90 * stretch, startsIn: 30 * stretch }),
        passes(35 * stretch),
      ],
      end: 'Expired',
      isForCampaigns: true,
      requests: 2,
      overAfter: 150 * stretch,
    }),
  ),
  ...(['azure', 'membership'] as const).flatMap((role): Journey[] => [
    {
      name: `assigned for a time: ${role}`,
      role,
      steps: [assign({ minutes: 60 * stretch, startsIn: 30 * stretch }), passes(40 * stretch)],
      end: 'Expired',
      isForCampaigns: true,
      overAfter: 110 * stretch,
    },
    {
      name: `extension: ${role}`,
      role,
      steps: [ask({ minutes: 60 * stretch }), passes(10), extend({ minutes: 90 * stretch }), passes(15)],
      end: 'Expired',
      isForCampaigns: true,
      requests: 2,
      overAfter: 130 * stretch,
    },
    {
      name: `early end: ${role}`,
      role,
      steps: [ask({ minutes: 120 * stretch }), passes(20), giveBack()],
      end: 'Revoked',
      isForCampaigns: true,
      overAfter: 150 * stretch,
    },
  ]),
]

/** Time goes by, everything due done on the way. */
export function passes(minutes: number): Step {
  return async ({ stage }) => stage.moveTo(new Date((await stage.now()).getTime() + minutes * MINUTE))
}

export function ask({ minutes, startsIn }: { minutes: number; startsIn?: number }): Step {
  return async (story) => {
    const { stage, person, journey } = story
    const startDateTime = startsIn
      ? new Date(story.begun.getTime() + startsIn * MINUTE).toISOString()
      : undefined
    const { answer, again } = await persist(story, () =>
      stage.api(person.short, 'POST', '/api/requests', {
        action: 'selfActivate',
        ...stage.role(journey.role),
        justification: 'INC-7',
        scheduleInfo: { startDateTime, expiration: { type: 'afterDuration', duration: `PT${minutes}M` } },
      }),
    )
    // Whoever asks again may hear that they have asked already: the first attempt had got through.
    const wasThere = again && /Exists$/.test(answer?.body?.error?.code)
    if (answer && answer.status !== 201 && !wasThere) throw unexpected('asking', answer)
    story.requestId = await requestOf(story)
    if (answer && !story.requestId) throw new Error('The request was answered and is not there.')
  }
}

/** An administrator assigns it, for a time. */
function assign({ minutes, startsIn }: { minutes: number; startsIn: number }): Step {
  return async (story) => {
    const { stage, person, journey } = story
    const startDateTime = new Date(story.begun.getTime() + startsIn * MINUTE).toISOString()
    const { answer, again } = await persist(story, () =>
      stage.api(stage.administratorOf(journey.role), 'POST', '/api/requests', {
        action: 'adminAssign',
        principalId: person.id,
        ...stage.role(journey.role),
        justification: 'CHG-7',
        scheduleInfo: { startDateTime, expiration: { type: 'afterDuration', duration: `PT${minutes}M` } },
      }),
    )
    const wasThere = again && /Exists$/.test(answer?.body?.error?.code)
    if (answer && answer.status !== 201 && !wasThere) throw unexpected('assigning', answer)
    story.requestId = await requestOf(story)
  }
}

/** Whoever has it keeps it for longer, by a second request. */
function extend({ minutes }: { minutes: number }): Step {
  return async (story) => {
    const { stage, person, journey, requestId } = story
    if (!requestId) return
    for (let looks = 0; looks < 30 && (await statusOf(story)) !== 'Provisioned'; looks++)
      await stage.moveTo(new Date((await stage.now()).getTime() + MINUTE))
    const { answer, again } = await persist(story, () =>
      stage.api(person.short, 'POST', '/api/requests', {
        action: 'selfExtend',
        ...stage.role(journey.role),
        justification: 'INC-7 takes longer',
        scheduleInfo: { expiration: { type: 'afterDuration', duration: `PT${minutes}M` } },
      }),
    )
    const wasThere = again && /Exists$/.test(answer?.body?.error?.code)
    if (answer && answer.status !== 201 && !wasThere) throw unexpected('extending', answer)
  }
}

/** An approver decides on what their list shows. */
function decide(
  reviewResult: 'Approve' | 'Deny',
  approver: 'grace' | 'margaret' = 'grace',
  ofSeveral?: 'of several',
): Step {
  return async (story) => {
    const { stage, requestId } = story
    if (!requestId) return
    if (approver !== 'grace' && story.attitude === 'insists') await untilAsked(story, approver)
    if (reviewResult === 'Approve' && !ofSeveral) story.approvedAfter = stage.proxy.calls.length
    const { answer } = await persist(story, async () => {
      const listed = await stage.api(approver, 'GET', '/api/approvals')
      if (listed.status !== 200) return listed
      const isListed = listed.body.value.some(({ id }: { id: string }) => id === requestId)
      const row = await stage.api(approver, 'GET', `/api/requests/${requestId}`)
      if (row.status !== 200) return row
      const hasSaid = JSON.stringify(row.body.approval?.stages ?? []).includes(people[approver].id)
      if (!isListed && !hasSaid && row.body.status === 'PendingApproval')
        throw new Error('The approver does not find it on the list.')
      return stage.api(approver, 'POST', `/api/approvals/${requestId}`, {
        reviewResult,
        justification: 'as agreed',
      })
    })
    // Where the one before gave up, the next is asked nothing, and the request is none of theirs.
    const isNotAsked = approver === 'margaret' && story.attitude === 'gives up' && answer?.status === 404
    if (answer && answer.status !== 200 && !isNotAsked) throw unexpected('deciding', answer)
  }
}

/** After a death somebody may be asked later, by the sweep at the latest: they decide when they are. */
async function untilAsked(story: Story, approver: string): Promise<void> {
  const { stage, requestId } = story
  const isAsked = async () => {
    const { status, body } = await stage.api(approver, 'GET', '/api/approvals')
    return status === 200 && body.value.some(({ id }: { id: string }) => id === requestId)
  }
  for (let looks = 0; looks < 8 && !(await stage.insist(isAsked)); looks++) await passes(1)(story)
}

export function giveBack(): Step {
  return async (story) => {
    const { stage, person, journey, requestId } = story
    if (!requestId) return
    // Nobody gives back what they have not got yet: they look, and wait for a while; and what came late they keep for
    // the five minutes that nobody is let off.
    let isLate = false
    for (let looks = 0; looks < 30 && (await statusOf(story)) !== 'Provisioned'; looks++) {
      isLate = true
      await passes(5)(story)
    }
    if (isLate) await passes(6)(story)
    const { answer, again } = await persist(story, () =>
      stage.api(person.short, 'POST', '/api/requests', {
        action: 'selfDeactivate',
        ...stage.role(journey.role),
      }),
    )
    const isGone = again && answer?.body?.error?.code === 'RoleAssignmentDoesNotExist'
    if (answer && answer.status !== 201 && !isGone) throw unexpected('giving back', answer)
  }
}

function withdraw(): Step {
  return async (story) => {
    const { stage, person, requestId } = story
    if (!requestId) return
    const { answer, again } = await persist(story, () =>
      stage.api(person.short, 'POST', `/api/requests/${requestId}/cancel`),
    )
    const isOver = again && answer?.body?.error?.code === 'RoleAssignmentRequestNotPending'
    if (answer && answer.status !== 200 && !isOver) throw unexpected('withdrawing', answer)
  }
}

/** As people do: no answer, or "try again in a moment", and they try again; or they give up. */
async function persist(
  story: Story,
  call: () => Promise<Answered>,
): Promise<{ answer: Answered | undefined; again: boolean }> {
  const { stage, attitude } = story
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    try {
      story.isAsking = true
      const answer = await stage.attempt(call).finally(() => {
        story.isAsking = false
      })
      if (answer.status !== 503) return { answer, again: attempt > 0 }
      if (attitude === 'gives up') return { answer: undefined, again: false }
      await stage.outlast(10)
    } catch (error) {
      if (!(error instanceof HostDied)) throw error
      if (attitude === 'gives up') return { answer: undefined, again: false }
    }
  }
  throw new Error('Nobody gets through any more.')
}
const MOST_ATTEMPTS = 12

const unexpected = (doing: string, { status, body }: Answered) =>
  new Error(`${doing} was answered ${status} ${JSON.stringify(body)}`)

/** The newest of this person's requests, read past everybody. */
async function requestOf({ stage, person }: Story): Promise<string | undefined> {
  const rows = await stage.rows('InterimTruth', person.id)
  return rows
    .filter(({ rowKey }) => /^(live\|req|past)\|/.test(rowKey))
    .map(({ doc }) => JSON.parse(doc).id as string)
    .at(-1)
}

export async function statusOf({ stage, person, requestId }: Story): Promise<string | undefined> {
  const rows = await stage.rows('InterimTruth', person.id)
  return rows
    .filter(({ rowKey }) => /^(live\|req|past)\|/.test(rowKey) && rowKey.endsWith(`${requestId}`))
    .map(({ doc }) => JSON.parse(doc).status as string)
    .at(-1)
}
