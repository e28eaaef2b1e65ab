import type { Eligibility } from '../domain/eligibility.ts'
import type { EligibilityNoticeKind } from '../domain/notice.ts'
import { titleOf } from '../domain/role.ts'
import { accessOf, kindOfAccess, scopeLabel } from './access.ts'
import { type Composed, composed, type Fact } from './letter.ts'
import { BECAUSE, when } from './letters.ts'

/** What happens to an eligibility, told to whom it belongs (`isOwn`) or to those who look after it. */
export function eligibilityLetter(
  kind: EligibilityNoticeKind,
  eligibility: Eligibility,
  isOwn: boolean,
): Composed {
  const facts: Fact[] = [
    ['Role', titleOf(eligibility)],
    [scopeLabel(eligibility.provider), eligibility.scopeName],
    ['Who', eligibility.principalName],
    ['Why', eligibility.justification ?? 'no reason given'],
    ['Until', eligibility.endDateTime ? when(eligibility.endDateTime) : 'for good'],
    ['From', when(eligibility.startDateTime)],
  ]
  return composed({
    tone: kind === 'endsIn1Day' ? 'attention' : 'news',
    ...words(kind, eligibility, isOwn),
    facts,
    because: isOwn ? BECAUSE.requester : BECAUSE.administrator,
  })
}

function words(
  kind: EligibilityNoticeKind,
  eligibility: Eligibility,
  isOwn: boolean,
): { headline: string; sentence: string } {
  const { principalName, principalType, endDateTime, createdBy } = eligibility
  const whose = isOwn ? 'Your' : `${principalName}'s`
  const access = accessOf(eligibility)
  const what = `${whose} eligibility for ${access}`
  const mayAsk = principalType === 'User'
  const by = createdBy.displayName
  switch (kind) {
    case 'assigned':
      return {
        headline: `${isOwn ? 'You are' : `${principalName} is`} eligible for ${access}`,
        sentence: `Assigned by ${by}. Nothing is held yet: the ${kindOfAccess(eligibility)} is activated when it is needed, for as long as that takes.`,
      }
    case 'removed':
      return {
        headline: `${what} was removed`,
        sentence: `The ${kindOfAccess(eligibility)} cannot be activated any more; what is active goes on to its end.`,
      }
    case 'endsIn14Days':
    case 'endsIn1Day':
      return {
        headline: `${what} ends ${kind === 'endsIn1Day' ? 'within a day' : 'within 14 days'}`,
        sentence: `From ${when(endDateTime)} on the ${kindOfAccess(eligibility)} cannot be activated any more. ${
          mayAsk && isOwn
            ? 'Ask for an extension if you still need it.'
            : 'Those who administer it may extend it.'
        }`,
      }
    case 'hasEnded':
      return {
        headline: `${what} has ended`,
        sentence: `The ${kindOfAccess(eligibility)} cannot be activated any more; what is active goes on to its end. ${
          mayAsk && isOwn
            ? 'For 30 days you may ask for a renewal.'
            : 'For 30 days those who administer it may renew it.'
        }`,
      }
    case 'moved':
      return {
        headline: `${what} ${endDateTime ? `now ends at ${when(endDateTime)}` : 'is permanent now'}`,
        sentence: 'An administrator has changed for how long it may be activated.',
      }
  }
}
