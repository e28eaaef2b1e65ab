import type { ApprovalDemand } from './approval-demand.ts'
import { type Approver, approverKey, everybodyIn } from './approver.ts'
import type { Demands } from './demands.ts'
import { durationMillis } from './schedule.ts'
import { deskKey } from './ticket-check.ts'

/** What becomes different for whoever activates, and whether it is harder for them or easier. */
export type Difference = { what: Aspect; effect: 'harder' | 'easier' | 'other'; from: string; to: string }

export type Aspect =
  | 'maximumDuration'
  | 'justification'
  | 'ticket'
  | 'mfa'
  | 'authenticationContext'
  | 'approval'
  | 'approvers'
  | 'approvalTimeOut'
  | 'approvalStages'
  | 'approvalsRequired'
  | 'approvalByTimeOut'
  | 'automaticApproval'
  | 'decisionByLink'
  | 'ticketPattern'
  | 'ticketCheck'

/** Compares what an activation is measured by before a change and after it, demand by demand. */
export function differences(before: Demands, after: Demands): Difference[] {
  const found = [
    longer('maximumDuration', before.maximumDuration, after.maximumDuration),
    asked('justification', before.justification, after.justification),
    asked('ticket', before.ticket, after.ticket),
    asked('mfa', before.mfa, after.mfa),
    listed('ticketPattern', before.ticketPatterns, after.ticketPatterns),
    listed('ticketCheck', desksOf(before), desksOf(after)),
    listed('authenticationContext', before.contexts, after.contexts),
    asked('approval', before.approval !== null, after.approval !== null),
  ]
  if (before.approval && after.approval) {
    const [from, to] = [before, after].map(approversOf) as [string, string]
    if (from !== to) found.push({ what: 'approvers', effect: 'other', from, to })
    found.push(...stagesChanged(before.approval, after.approval))
  }
  return found.filter((difference) => difference !== undefined)
}

const desksOf = ({ ticketDesks = [] }: Demands) => ticketDesks.map(deskKey)

/** Stage by stage would be hard to read: the longest wait, the most signatures, the easiest link. */
function stagesChanged(before: ApprovalDemand, after: ApprovalDemand): (Difference | undefined)[] {
  const all = ({ stages }: ApprovalDemand, count: (stage: ApprovalDemand['stages'][number]) => number) =>
    stages.reduce((sum, stage) => sum + count(stage), 0)
  const some = ({ stages }: ApprovalDemand, is: (stage: ApprovalDemand['stages'][number]) => boolean) =>
    stages.some(is)
  const more = (what: Aspect, [from, to]: readonly [number, number]): Difference | undefined =>
    from === to ? undefined : { what, effect: to > from ? 'harder' : 'easier', from: `${from}`, to: `${to}` }
  const sides = [before, after] as const
  const both = <T>(read: (side: ApprovalDemand) => T) => sides.map(read) as unknown as readonly [T, T]
  const [waits, waitsNow] = both((side) => minutes(all(side, ({ timeoutMinutes }) => timeoutMinutes)))
  const [link, linkNow] = both((side) => some(side, ({ byLink }) => byLink))
  const [silence, silenceNow] = both((side) => some(side, ({ approvesUnanswered }) => approvesUnanswered))
  const [automatic, automaticNow] = both((side) =>
    side.automatic.flat().map(({ description }) => description),
  )
  return [
    longer('approvalTimeOut', waits, waitsNow),
    more(
      'approvalStages',
      both(({ stages }) => stages.length),
    ),
    more(
      'approvalsRequired',
      both((side) => all(side, ({ approvalsRequired }) => approvalsRequired)),
    ),
    asked('approvalByTimeOut', !silence, !silenceNow),
    asked('decisionByLink', !link, !linkNow),
    listed('automaticApproval', automatic, automaticNow, 'easier'),
  ]
}

/** Who may decide only after the change, and who only before it. */
export function approversChanged(before: Demands, after: Demands): { gain: Approver[]; lose: Approver[] } {
  const [old, fresh] = [before, after].map(everybody)
  const without = (list: Approver[] = [], others: Approver[] = []) =>
    list.filter((each) => !others.some((other) => approverKey(other) === approverKey(each)))
  return { gain: without(fresh, old), lose: without(old, fresh) }
}

/** All who may be asked, sooner or later, each once. */
export function everybody({ approval }: Demands): Approver[] {
  const all = (approval?.stages ?? []).flatMap(({ people }) => people.flatMap(everybodyIn))
  return [...new Map(all.map((approver) => [approverKey(approver), approver])).values()]
}

const approversOf = (demands: Demands) =>
  everybody(demands)
    .map((approver) => approverKey(approver).replace(/^(user|group)-/, ''))
    .sort()
    .join(', ')
const minutes = (count: number) => `PT${count}M`

/** Said of what makes it easier: no becomes yes. */
const INVERTED: readonly Aspect[] = ['decisionByLink', 'approvalByTimeOut']

function asked(what: Aspect, from: boolean, to: boolean): Difference | undefined {
  if (from === to) return undefined
  const said = (is: boolean) => ((INVERTED.includes(what) ? !is : is) ? 'yes' : 'no')
  return { what, effect: to ? 'harder' : 'easier', from: said(from), to: said(to) }
}

function longer(what: Aspect, from: string, to: string): Difference | undefined {
  const [old, fresh] = [from, to].map((each) => durationMillis(each, new Date(0))) as [number, number]
  if (old === fresh) return undefined
  return { what, effect: fresh > old ? 'easier' : 'harder', from, to }
}

function listed(
  what: Aspect,
  before: readonly string[],
  after: readonly string[],
  ifMore: 'harder' | 'easier' = 'harder',
): Difference | undefined {
  const [from, to] = [before.join(', '), after.join(', ')]
  if (from === to) return undefined
  const ifLess = ifMore === 'harder' ? 'easier' : 'harder'
  const effect = from === '' ? ifMore : to === '' ? ifLess : 'other'
  return { what, effect, from: from || 'none', to: to || 'none' }
}
