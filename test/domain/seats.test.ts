import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Approval, openStages, type Vote } from '../../src/domain/approval.ts'
import type { ApprovalDemand, StageDemand } from '../../src/domain/approval-demand.ts'
import { begin, escalatedIn, withVote } from '../../src/domain/approval-progress.ts'
import { type Approver, approverKey, everybodyIn, groupKey, userKey } from '../../src/domain/approver.ts'
import { isFilled, tally } from '../../src/domain/quorum.ts'
import { isAsked, type Named, type Seat, seatIn, seatOf } from '../../src/domain/seats.ts'
import { ada, approversGroup, engineers, grace, group, linus, mallory, user } from '../fakes/people.ts'
import { demandFor } from './requests.ts'

const NINE = new Date('2030-01-01T09:00:00.000Z')
const MEMBERS: Record<string, string[]> = {
  [approversGroup]: [grace.id, linus.id, ada.id],
  [engineers]: [ada.id],
}
const named: Named = (id, lists) =>
  lists.every((people) =>
    everybodyIn(people)
      .map(approverKey)
      .some(
        (key) =>
          key === userKey(id) ||
          Object.keys(MEMBERS).some((g) => key === groupKey(g) && MEMBERS[g]?.includes(id)),
      ),
  )
const asking = (mode: 'Serial' | 'Parallel', ...stages: StageDemand[]) => ({
  principal: { id: ada.id, displayName: ada.displayName },
  approval: begin({ mode, stages }, NINE, null),
})
const demand = (...stages: StageDemand[]): ApprovalDemand => ({ mode: 'Serial', stages, automatic: [] })
const speak = (
  request: ReturnType<typeof asking>,
  id: string,
  { inForce = null, standsFor = [] }: { inForce?: ApprovalDemand | null; standsFor?: string[] } = {},
) =>
  seatOf(
    request,
    { id, delegators: standsFor.map((each) => ({ id: each, displayName: each })) },
    inForce,
    named,
  )
const vote = (id: string, { stages, once, onBehalfOf }: Seat): Vote => ({
  reviewedBy: { id, displayName: id },
  ...(onBehalfOf && { onBehalfOf }),
  reviewedDateTime: NINE.toISOString(),
  justification: 'yes',
  via: 'api',
  stages,
  once,
})
const approve = (request: ReturnType<typeof asking>, id: string, standsFor: string[] = []) => {
  const seat = speak(request, id, { standsFor })
  if (!seat) throw new Error(`${id} has no seat.`)
  return { ...request, approval: withVote(request.approval, vote(id, seat), NINE).approval }
}

describe('who may speak', () => {
  const G = group(approversGroup)
  test.each<[name: string, who: string, then: Approver[], now: Approver[], may: boolean]>([
    ['the approver, then and now', grace.id, [user(grace.id)], [user(grace.id)], true],
    ['the approver then, not any more', grace.id, [user(grace.id)], [user(linus.id)], false],
    ['an approver only since', linus.id, [user(grace.id)], [user(grace.id), user(linus.id)], false],
    ['a stranger', mallory.id, [user(grace.id)], [user(grace.id)], false],
    ['a member of the group, then and now', linus.id, [G], [G], true],
    ['named as a person then, through a group now', grace.id, [user(grace.id)], [G], true],
    ['through a group then, as a person now', grace.id, [G], [user(grace.id)], true],
    ['a stranger to the group', mallory.id, [G], [G], false],
    ['the requester, named as a person', ada.id, [user(ada.id)], [user(ada.id)], false],
    ['the requester, through a group', ada.id, [G], [G], false],
    ['somebody, where nobody is asked any more', grace.id, [user(grace.id)], [], false],
    ['somebody, where nobody was ever asked', grace.id, [], [user(grace.id)], false],
  ])('%s: %#', (_name, who, then, now, may) => {
    const request = asking('Serial', demandFor(then))
    expect(speak(request, who, { inForce: demand(demandFor(now)) }) !== undefined).toBe(may)
  })

  test('nobody in a request that asks for no approval', () => {
    const request = { ...asking('Serial', demandFor([user(grace.id)])), approval: null }
    expect(seatOf(request, { id: grace.id, delegators: [] }, null, () => true)).toBeUndefined()
  })

  test('whoever comes by the escalation, only after it; and those who were asked first go on', () => {
    const request = asking('Serial', demandFor([user(grace.id)], [user(linus.id)]))
    expect(speak(request, linus.id)).toBeUndefined()
    const after = { ...request, approval: escalatedIn(request.approval, [0], NINE) }
    expect([speak(after, linus.id), speak(after, grace.id)].every(Boolean)).toBe(true)
  })

  test('where a stage is gone from the settings, whoever the others name', () => {
    const request = asking('Parallel', demandFor([user(grace.id)]), demandFor([user(linus.id)]))
    const inForce = demand(demandFor([user(linus.id)]))
    expect(speak(request, linus.id, { inForce })?.stages).toEqual([1])
    expect(speak(request, grace.id, { inForce })).toBeUndefined()
  })
})

describe('one person, one voice', () => {
  const two = { ...demandFor([group(approversGroup), user(grace.id)]), approvalsRequired: 2 }

  test('named twice counts once', () => {
    const once = approve(asking('Serial', two), grace.id)
    expect(speak(once, grace.id)).toBeUndefined()
    expect(openStages(once.approval)).toEqual([0])
    expect(openStages(approve(once, linus.id).approval)).toEqual([])
  })

  test('whoever signed an earlier stage does not sign the next, unless the settings let them', () => {
    const stages = [demandFor([user(grace.id)]), demandFor([user(grace.id), user(linus.id)])]
    const after = approve(asking('Serial', ...stages), grace.id)
    expect(speak(after, grace.id)).toBeUndefined()
    expect(speak(after, linus.id)?.stages).toEqual([1])
    const lenient = stages.map((stage) => ({ ...stage, excludesEarlier: false }))
    expect(speak(approve(asking('Serial', ...lenient), grace.id), grace.id)?.stages).toEqual([1])
  })

  test('whoever may sign either of two stages makes way for whoever may sign one alone', () => {
    const stages = [demandFor([user(grace.id), user(linus.id)]), demandFor([user(grace.id)])]
    const first = approve(asking('Parallel', ...stages), grace.id)
    expect(speak(first, linus.id)).toMatchObject({ isUseful: true })
    expect(openStages(approve(first, linus.id).approval)).toEqual([])
  })
})

describe('in one stage of several', () => {
  const stages = [demandFor([user(grace.id), user(linus.id)]), demandFor([user(grace.id)])]
  const lenient = { ...(stages[0] as StageDemand), excludesEarlier: false }

  test('what is said for it counts there and nowhere else', () => {
    const request = asking('Parallel', ...stages)
    const seat = speak(request, grace.id) as Seat
    expect(seat).toMatchObject({ stages: [0, 1], usefulIn: [0, 1] })
    const after = {
      ...request,
      approval: withVote(request.approval, vote(grace.id, seatIn(seat, (stage) => stage === 0) as Seat), NINE)
        .approval,
    }
    expect(openStages(after.approval)).toEqual([1])
    expect(speak(after, linus.id)).toMatchObject({ stages: [0], usefulIn: [], isUseful: false })
  })

  test('whoever may count for one alone makes room there, whether or not it shuts others out', () => {
    const first = approve(asking('Parallel', lenient, stages[1] as StageDemand), grace.id)
    expect(openStages(first.approval)).toEqual([1])
    expect(openStages(approve(first, linus.id).approval)).toEqual([])
  })
})

describe('in the place of another', () => {
  const request = () =>
    asking('Serial', { ...demandFor([user(grace.id), user(linus.id)]), approvalsRequired: 2 })

  test('somebody who is not asked speaks for who is, and it is said', () => {
    expect(speak(request(), mallory.id, { standsFor: [grace.id] })).toMatchObject({
      onBehalfOf: { id: grace.id },
      stages: [0],
    })
  })

  test('the own seat comes first, and there is no second', () => {
    expect(speak(request(), linus.id, { standsFor: [grace.id] })?.onBehalfOf).toBeNull()
    const after = approve(request(), linus.id)
    expect(speak(after, linus.id, { standsFor: [grace.id] })).toBeUndefined()
  })

  test('whose seat was taken has none left, nor has another stand-in', () => {
    const after = approve(request(), mallory.id, [grace.id])
    expect(speak(after, grace.id)).toBeUndefined()
    expect(speak(after, 'another', { standsFor: [grace.id] })).toBeUndefined()
    expect(speak(after, linus.id)).toBeDefined()
  })

  test('the requester speaks for nobody, and nobody for the requester', () => {
    const own = asking('Serial', demandFor([user(ada.id), user(grace.id)]))
    expect(speak(own, ada.id, { standsFor: [grace.id] })).toBeUndefined()
    expect(speak(own, mallory.id, { standsFor: [ada.id] })).toBeUndefined()
    expect(isAsked(own, { id: mallory.id, delegators: [{ id: ada.id, displayName: '' }] }, null, named)).toBe(
      false,
    )
  })
})

describe('whatever the stages, the people and the order of their answers', () => {
  const people = ['a', 'b', 'c', 'd', ada.id]
  const list = fc.subarray(people, { minLength: 1 }).map((ids) => ids.map(user))
  const stage = fc
    .record({ approvers: list, required: fc.integer({ min: 1, max: 2 }), excludes: fc.boolean() })
    .map(({ approvers, required, excludes }) => ({
      ...demandFor(approvers),
      approvalsRequired: required,
      excludesEarlier: excludes,
    }))
  const story = fc.record({
    mode: fc.constantFrom<'Serial' | 'Parallel'>('Serial', 'Parallel'),
    stages: fc.array(stage, { minLength: 1, maxLength: 3 }),
    answers: fc.array(fc.record({ who: fc.constantFrom(...people), standsFor: fc.subarray(people) }), {
      maxLength: 12,
    }),
  })
  const play = (
    {
      mode,
      stages,
      answers,
    }: {
      mode: 'Serial' | 'Parallel'
      stages: StageDemand[]
      answers: { who: string; standsFor: string[] }[]
    },
    each: (approval: Approval, before: Approval) => void,
  ) => {
    let request = asking(mode, ...stages)
    for (const { who, standsFor } of answers) {
      const seat = speak(request, who, { standsFor: standsFor.filter((other) => other !== who) })
      if (!seat?.isUseful) continue
      const { approval, isComplete } = withVote(request.approval, vote(who, seat), NINE)
      each(approval, request.approval)
      request = { ...request, approval }
      if (isComplete) break
    }
    return request.approval
  }
  const voices = ({ votes }: Approval) =>
    votes.flatMap(({ reviewedBy, onBehalfOf }) => [reviewedBy.id, ...(onBehalfOf ? [onBehalfOf.id] : [])])

  test('the requester approves nothing, through no seat', () => {
    fc.assert(fc.property(story, (told) => void expect(voices(play(told, () => {}))).not.toContain(ada.id)))
  })

  test('what is complete stays complete, and no stage counts a voice twice', () => {
    fc.assert(
      fc.property(story, (told) => {
        play(told, (approval, before) => {
          before.stages.forEach(({ completedAt }, index) => {
            if (completedAt) expect(approval.stages[index]?.completedAt).toBe(completedAt)
          })
          const counted = tally(
            approval.stages.map(({ approvalsRequired }) => approvalsRequired),
            approval.votes,
          )
          for (const room of counted) {
            const heard = voices({ ...approval, votes: room.map((n) => approval.votes[n] as Vote) })
            expect(new Set(heard).size).toBe(heard.length)
          }
        })
      }),
    )
  })

  test('side by side, it is complete exactly when all that was said fills every stage', () => {
    fc.assert(
      fc.property(story, (told) => {
        const approval = play({ ...told, mode: 'Parallel' }, () => {})
        const needs = approval.stages.map(({ approvalsRequired }) => approvalsRequired)
        expect(approval.stages.every(({ completedAt }) => completedAt !== null)).toBe(
          isFilled(needs, approval.votes),
        )
      }),
    )
  })

  test('an escalation takes nobody’s seat', () => {
    fc.assert(
      fc.property(story, list, (told, next) => {
        const stages = told.stages.map((each) => ({
          ...each,
          people: each.people.map((lists) => ({ ...lists, escalation: next })),
        }))
        const request = asking(told.mode, ...stages)
        const after = {
          ...request,
          approval: escalatedIn(request.approval, openStages(request.approval), NINE),
        }
        for (const who of people) if (speak(request, who)) expect(speak(after, who)).toBeDefined()
      }),
    )
  })
})
