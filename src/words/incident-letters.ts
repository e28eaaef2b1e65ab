import type { Incident } from '../domain/incident.ts'
import type { IncidentNotice } from '../domain/notice.ts'
import { titleOf } from '../domain/role.ts'
import { accessOf, scopeLabel } from './access.ts'
import { type Composed, composed, type Fact } from './letter.ts'
import { BECAUSE, when } from './letters.ts'

/** What administrators are told of what somebody else has granted. */
export function incidentLetter(
  kind: IncidentNotice['kinds'][number],
  incident: Incident,
  count: number,
): Composed {
  return composed({
    tone: 'attention',
    ...(kind === 'foundOutside' ? ofOne(incident) : ofFirstLook(incident, count)),
    facts:
      kind === 'foundOutside' ? factsOf(incident) : [[scopeLabel(incident.provider), incident.scopeName]],
    because: BECAUSE.administrator,
  })
}

const ofOne = (incident: Incident) => ({
  headline: `${incident.principal.displayName} was assigned ${accessOf(incident)} outside of PIM`,
  sentence:
    'Nobody has asked for it here, and it has no end. Accept it with a reason, take it away, or make it eligible: it is on the list of incidents.',
})

const ofFirstLook = ({ scopeName }: Incident, count: number) => ({
  headline: `${count} ${count === 1 ? 'assignment' : 'assignments'} in ${scopeName} ${count === 1 ? 'was' : 'were'} not made through PIM`,
  sentence:
    'This was the first look at it, so they may be old. Each is on the list of incidents: accept it with a reason, take it away, or make it eligible. What comes from now on is told one by one.',
})

const factsOf = (incident: Incident): Fact[] => [
  ['Role', titleOf(incident)],
  [scopeLabel(incident.provider), incident.scopeName],
  ['Who', incident.principal.displayName],
  ['Why', 'nobody has said'],
  ['Until', 'for good'],
  ['Kind', incident.principalType ?? 'not in the directory any more'],
  ['Found', when(incident.detectedDateTime)],
]
