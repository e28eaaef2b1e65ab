import type { Incident } from '../domain/incident.ts'
import type { IncidentNotice } from '../domain/notice.ts'
import { oneLine } from './html.ts'
import { type Fact, type Letter, page, plain, when } from './letters.ts'

/** What administrators are told of what somebody else has granted. */
export function incidentLetter(
  kind: IncidentNotice['kinds'][number],
  incident: Incident,
  count: number,
): Letter {
  const { headline, sentence } = kind === 'foundOutside' ? ofOne(incident) : ofFirstLook(incident, count)
  const facts = kind === 'foundOutside' ? factsOf(incident) : factsOf(incident).slice(1, 2)
  return {
    subject: `PIM: ${oneLine(headline)}`.slice(0, 200).replace(/[\uD800-\uDBFF]$/, ''), // no half characters
    text: plain(headline, sentence, facts, null),
    html: page(headline, sentence, facts, null).html,
  }
}

const ofOne = ({ principal, roleName }: Incident) => ({
  headline: `${principal.displayName} was assigned the ${roleName} role outside of PIM`,
  sentence:
    'Nobody has asked for it here, and it has no end. Accept it with a reason, take it away, or make it eligible: it is on the list of incidents.',
})

const ofFirstLook = ({ scopeName }: Incident, count: number) => ({
  headline: `${count} ${count === 1 ? 'assignment' : 'assignments'} in ${scopeName} ${count === 1 ? 'was' : 'were'} not made through PIM`,
  sentence:
    'This was the first look at it, so they may be old. Each is on the list of incidents: accept it with a reason, take it away, or make it eligible. What comes from now on is told one by one.',
})

const factsOf = ({ principal, principalType, roleName, scopeName, detectedDateTime }: Incident): Fact[] => [
  ['Role', roleName],
  ['Scope', scopeName],
  ['Who', principal.displayName],
  ['Kind', principalType ?? 'not in the directory any more'],
  ['Found', when(detectedDateTime)],
]
