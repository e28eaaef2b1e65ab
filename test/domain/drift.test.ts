import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drift, type HeldRow, SETTLING } from '../../src/domain/drift.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { Grant, Request, Status } from '../../src/domain/request.ts'
import { ada, exchangeRole, grace, helpdeskRole, ken } from '../fakes/people.ts'
import { held as provisioned } from './requests.ts'

const now = new Date('2030-01-01T12:00:00.000Z')
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()
const grantOf = (more: Partial<Grant> = {}): Grant => ({
  ...(provisioned.grant as Grant),
  preExisting: null,
  assignmentId: 'A1',
  grantedAt: ago(60),
  attemptedAt: ago(60),
  unanswered: false,
  ...more,
})
const requestOf = (more: Partial<Request> = {}): Request => ({
  ...provisioned,
  ...exchangeRole,
  principal: ada,
  status: 'Provisioned',
  endsAt: ago(-60),
  completedDateTime: null,
  grant: grantOf(),
  ...more,
})
const incidentOf = (more: Partial<Incident> = {}): Incident => ({
  ...exchangeRole,
  id: 'inc-1',
  state: 'acknowledged',
  principal: ada,
  principalType: 'User',
  assignmentId: 'A1',
  roleName: 'Exchange Administrator',
  scopeName: 'the whole directory',
  detectedDateTime: ago(600),
  atFirstLook: false,
  acknowledged: null,
  removal: null,
  resolved: null,
  ...more,
})
const row: HeldRow = { id: 'A1', principalId: ada.id, role: exchangeRole }
const compared = (
  held: HeldRow[],
  ours: Request[] = [],
  standing: Incident[] = [],
  isBreakGlass = (_: string) => false,
) => drift(held, { ours, standing, isBreakGlass, now })
const whyOf = (result: ReturnType<typeof compared>) =>
  result.outside.length > 0 ? 'outside' : result.expected[0]?.because

describe('what is held is', () => {
  const ended = { status: 'Expired' as Status, completedDateTime: ago(3) }
  test.each<[string, Request[], Incident[], string]>([
    ['outside, where nobody asked for it', [], [], 'outside'],
    ['ours, where we gave it', [requestOf()], [], 'ours'],
    ['ours, however its id is spelled', [requestOf({ grant: grantOf({ assignmentId: 'a1' }) })], [], 'ours'],
    [
      'outside, where ours has another id',
      [requestOf({ grant: grantOf({ assignmentId: 'B2' }) })],
      [],
      'outside',
    ],
    [
      'outside, where it was there before us',
      [requestOf({ grant: grantOf({ preExisting: 'A1' }) })],
      [],
      'outside',
    ],
    ['outside, where what was asked for is another role', [requestOf(helpdeskRole)], [], 'outside'],
    ['outside, where another asked', [requestOf({ principal: grace })], [], 'outside'],
    ['outside, where it was only asked for', [requestOf({ status: 'Granted', grant: null })], [], 'outside'],
    [
      'in flight, while its call is not answered',
      [requestOf({ status: 'PendingProvisioning', grant: grantOf({ assignmentId: null }) })],
      [],
      'inFlight',
    ],
    ['ours, while it is being taken away', [requestOf({ status: 'PendingRevocation' })], [], 'ours'],
    ['in flight, where ours has just ended and lists lag', [requestOf(ended)], [], 'inFlight'],
    [
      'outside, where ours has ended a while ago',
      [requestOf({ ...ended, completedDateTime: ago(11) })],
      [],
      'outside',
    ],
    [
      'outside, where another of ours has just ended',
      [requestOf({ ...ended, grant: grantOf({ assignmentId: 'B2' }) })],
      [],
      'outside',
    ],
    ['accepted, where somebody has said so', [], [incidentOf()], 'accepted'],
    ['still outside, where nobody has dealt with it yet', [], [incidentOf({ state: 'active' })], 'outside'],
    ['outside, where something else was accepted', [], [incidentOf(helpdeskRole)], 'outside'],
  ])('%s', (_, ours, standing, why) => {
    expect(whyOf(compared([row], ours, standing))).toBe(why)
  })

  test('nobody’s business where the account is for emergencies', () => {
    expect(whyOf(compared([row], [], [], (id) => id === ada.id))).toBe('breakGlass')
  })
})

describe('what is not held is', () => {
  test.each<[string, Partial<Request>, boolean]>([
    ['missing, where we gave it long enough ago', {}, true],
    ['not missed, so soon after it was given', { grant: grantOf({ grantedAt: ago(9) }) }, false],
    ['not missed, when its end has come', { endsAt: ago(0) }, false],
    ['missing, where it has no end', { endsAt: null }, true],
    ['not missed, while it is being taken away', { status: 'PendingRevocation' }, false],
    ['not missed, once it is over', { status: 'Expired' }, false],
    [
      'not missed, where it had been there before and never showed',
      { grant: grantOf({ preExisting: 'unknown', assignmentId: 'unknown' }) },
      false,
    ],
    [
      'missing, where it had been there before',
      { grant: grantOf({ preExisting: 'Z', assignmentId: 'Z' }) },
      true,
    ],
  ])('%s', (_, more, isMissing) => {
    expect(compared([], [requestOf(more)]).missing).toHaveLength(isMissing ? 1 : 0)
  })

  test('missing, though somebody else has given the same anew: that is outside', () => {
    const result = compared([{ ...row, id: 'B2' }], [requestOf()])
    expect([result.missing.length, result.outside.length]).toEqual([1, 1])
  })

  test('gone, where it stood before', () => {
    expect(compared([], [], [incidentOf({ state: 'active' }), incidentOf()]).gone).toHaveLength(2)
    expect(compared([row], [], [incidentOf()]).gone).toEqual([])
  })
})

describe('whatever is held and whatever is known,', () => {
  const people = fc.constantFrom(ada, grace, ken)
  const roles = fc.constantFrom(exchangeRole, helpdeskRole)
  const ids = fc.constantFrom('A1', 'a1', 'B2', 'C3')
  const minutes = fc.constantFrom(-60, 0, 5, 11, 600)
  const rows = fc.array(fc.record({ id: ids, principalId: people.map(({ id }) => id), role: roles }), {
    maxLength: 8,
  })
  const statuses = fc.constantFrom<Status>(
    'Granted',
    'PendingProvisioning',
    'Provisioned',
    'PendingRevocation',
    'Expired',
  )
  const requests = fc.array(
    fc
      .record({
        who: people,
        role: roles,
        status: statuses,
        id: fc.option(ids),
        before: fc.option(ids),
        at: minutes,
      })
      .map(({ who, role, status, id, before, at }) =>
        requestOf({
          ...role,
          principal: who,
          status,
          completedDateTime: status === 'Expired' ? ago(at) : null,
          grant:
            status === 'Granted'
              ? null
              : grantOf({ assignmentId: id, preExisting: before, grantedAt: ago(at), attemptedAt: ago(at) }),
        }),
      ),
    { maxLength: 5 },
  )
  const incidents = fc.array(
    fc
      .record({
        who: people,
        role: roles,
        state: fc.constantFrom('active' as const, 'acknowledged' as const),
      })
      .map(({ who, role, state }) => incidentOf({ ...role, principal: who, state })),
    { maxLength: 4 },
  )

  test('every held row is in exactly one class, and comparing twice changes nothing', () => {
    fc.assert(
      fc.property(rows, requests, incidents, (held, ours, standing) => {
        const isBreakGlass = (id: string) => id === ken.id
        const result = drift(held, { ours, standing, isBreakGlass, now })
        const classed = [...result.outside, ...result.expected.map((each) => each.held)]
        expect(classed).toHaveLength(held.length)
        for (const each of held) expect(classed.filter((one) => one === each)).toHaveLength(1)
        expect(result.outside.some(({ principalId }) => principalId === ken.id)).toBe(false)
        expect(drift(held, { ours, standing, isBreakGlass, now })).toEqual(result)
      }),
    )
  })

  test('what is accepted is no drift at the next comparison', () => {
    fc.assert(
      fc.property(rows, requests, (held, ours) => {
        const { outside } = drift(held, { ours, standing: [], isBreakGlass: () => false, now })
        const standing = outside.map(({ principalId, role }) =>
          incidentOf({ ...role, principal: { id: principalId, displayName: '' } }),
        )
        expect(drift(held, { ours, standing, isBreakGlass: () => false, now }).outside).toEqual([])
      }),
    )
  })

  test('nothing younger than the lists’ lag is missed', () => {
    fc.assert(
      fc.property(rows, requests, (held, ours) => {
        for (const { grant } of drift(held, { ours, standing: [], isBreakGlass: () => false, now }).missing)
          expect(now.getTime() - Date.parse(grant?.grantedAt ?? '')).toBeGreaterThanOrEqual(SETTLING)
      }),
    )
  })
})
