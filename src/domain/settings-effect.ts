import { approverLists, type Demands } from './demands.ts'
import type { Approver } from './rules.ts'
import { durationMillis } from './schedule.ts'

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
  | 'decisionByLink'

/** Compares what an activation is measured by before a change and after it, demand by demand. */
export function differences(before: Demands, after: Demands): Difference[] {
  const found = [
    longer('maximumDuration', before.maximumDuration, after.maximumDuration),
    asked('justification', before.justification, after.justification),
    asked('ticket', before.ticket, after.ticket),
    asked('mfa', before.mfa, after.mfa),
    contexts(before, after),
    asked('approval', before.approval !== null, after.approval !== null),
  ]
  if (before.approval && after.approval) {
    const [from, to] = [before, after].map(approversOf) as [string, string]
    if (from !== to) found.push({ what: 'approvers', effect: 'other', from, to })
    found.push(
      longer(
        'approvalTimeOut',
        minutes(before.approval.timeoutMinutes),
        minutes(after.approval.timeoutMinutes),
      ),
      asked('decisionByLink', !before.approval.byLink, !after.approval.byLink),
    )
  }
  return found.filter((difference) => difference !== undefined)
}

/** Who may decide only after the change, and who only before it. */
export function approversChanged(before: Demands, after: Demands): { gain: Approver[]; lose: Approver[] } {
  const [old, fresh] = [before, after].map(({ approval }) => (approval ? approverLists(approval).flat() : []))
  const without = (list: Approver[] = [], others: Approver[] = []) =>
    list.filter((each) => !others.some((other) => keyOf(other) === keyOf(each)))
  return { gain: without(fresh, old), lose: without(old, fresh) }
}

const keyOf = (approver: Approver) => ('userId' in approver ? approver.userId : approver.groupId)
const approversOf = ({ approval }: Demands) =>
  approval ? approverLists(approval).flat().map(keyOf).sort().join(', ') : ''
const minutes = (count: number) => `PT${count}M`

function asked(what: Aspect, from: boolean, to: boolean): Difference | undefined {
  if (from === to) return undefined
  const said = (is: boolean) => ((what === 'decisionByLink' ? !is : is) ? 'yes' : 'no')
  return { what, effect: to ? 'harder' : 'easier', from: said(from), to: said(to) }
}

function longer(what: Aspect, from: string, to: string): Difference | undefined {
  const [old, fresh] = [from, to].map((each) => durationMillis(each, new Date(0))) as [number, number]
  if (old === fresh) return undefined
  return { what, effect: fresh > old ? 'easier' : 'harder', from, to }
}

function contexts(before: Demands, after: Demands): Difference | undefined {
  const [from, to] = [before.contexts.join(', '), after.contexts.join(', ')]
  if (from === to) return undefined
  const effect = from === '' ? 'harder' : to === '' ? 'easier' : 'other'
  return { what: 'authenticationContext', effect, from: from || 'none', to: to || 'none' }
}
