import type { Eligibility } from '../domain/eligibility.ts'
import type { EligibilityNoticeKind } from '../domain/notice.ts'
import { titleOf } from '../domain/role.ts'
import { accessOf, kindOfAccess, scopeLabel } from './access.ts'
import { composed, type Fact, type Letter, when } from './letters.ts'

/** What happens to an eligibility, told to whom it belongs (`isOwn`) or to those who look after it. */
export function eligibilityLetter(
  kind: EligibilityNoticeKind,
  eligibility: Eligibility,
  isOwn: boolean,
): Letter {
  const { headline, sentence } = words(kind, eligibility, isOwn)
  const facts: Fact[] = [
    ['Role', titleOf(eligibility)],
    [scopeLabel(eligibility.provider), eligibility.scopeName],
    ['Who', eligibility.principalName],
    ['From', when(eligibility.startDateTime)],
    ['Until', eligibility.endDateTime ? when(eligibility.endDateTime) : 'for good'],
  ]
  return composed(headline, sentence, facts)
}

function words(
  kind: EligibilityNoticeKind,
  eligibility: Eligibility,
  isOwn: boolean,
): { headline: string; sentence: string } {
  const { principalName, principalType, endDateTime } = eligibility
  const whose = isOwn ? 'Your' : `${principalName}'s`
  const what = `${whose} eligibility for ${accessOf(eligibility)}`
  const mayAsk = principalType === 'User'
  switch (kind) {
    case 'endsIn14Days':
    case 'endsIn1Day':
      return {
        headline: `${what} ends ${kind === 'endsIn1Day' ? 'within a day' : 'within 14 days'}`,
        sentence: `From ${when(endDateTime)} on the ${kindOfAccess(eligibility)} cannot be activated any more. ${
          mayAsk && isOwn
            ? 'Ask for an extension if you still need it.'
            : 'Those who administer the role may extend it.'
        }`,
      }
    case 'hasEnded':
      return {
        headline: `${what} has ended`,
        sentence: `The ${kindOfAccess(eligibility)} cannot be activated any more; what is active goes on to its end. ${
          mayAsk && isOwn
            ? 'For 30 days you may ask for a renewal.'
            : 'For 30 days those who administer the role may renew it.'
        }`,
      }
    case 'moved':
      return {
        headline: `${what} ${endDateTime ? `now ends at ${when(endDateTime)}` : 'is permanent now'}`,
        sentence: 'An administrator has changed for how long it may be activated.',
      }
  }
}
