import { expect, test } from 'vitest'
import type { AuditEvent } from '../../src/domain/audit.ts'
import { type NoticeKind, noticesOf } from '../../src/domain/notice.ts'
import { causeOf } from '../../src/domain/notification.ts'
import type { Request } from '../../src/domain/request.ts'
import { held } from './requests.ts'

const assigned: Request = { ...held, action: 'adminAssign', changes: 1 }
const ended: Request = { ...held, status: 'Expired' }

test.each<[string, Request, string[], NoticeKind[]]>([
  ['moved by an administrator', assigned, ['adminUpdate-1'], ['moved']],
  ['moved, and moved again since', { ...assigned, changes: 2 }, ['adminUpdate-1'], []],
  ['longer by a wish that was granted, of which the decision tells', assigned, ['selfExtend-1'], []],
  [
    'given, and at once warned of',
    assigned,
    ['provisioned', 'endsIn14Days-1'],
    ['endsIn14Days', 'activated'],
  ],
  ['warned of', assigned, ['endsIn1Day-1'], ['endsIn1Day']],
  ['come back after its end, and taken away again', ended, ['verified-2030-01-01T11:00:00.000Z'], []],
  ['not told of for a day', assigned, ['undelivered-und-1'], []],
])('what is told when nobody has heard of it yet: %s', (_, request, steps, kinds) => {
  const untold = steps.map((step) => ({ id: `${request.id}.${step}` }) as AuditEvent)
  expect(noticesOf(request, untold, true)).toEqual(kinds)
})

test.each<[NoticeKind, Request, string | undefined]>([
  ['approvalRequested', held, held.principal.id],
  ['approvalRequested', { ...held, createdBy: { id: 'alan', displayName: 'Alan' } }, 'alan'],
  ['failed', held, held.principal.id],
  ['removalFailing', held, undefined],
  ['keptAsLast', held, undefined],
  ['endsIn1Day', assigned, undefined],
])('whose doing a mail is, so that nobody uses up what is kept for all: %s', (kind, request, who) => {
  expect(causeOf({ kinds: [kind], request, events: [] })).toBe(who)
})
