import type { EligibilityNotice, IncidentNotice, NoticeToMany, SettingsNotice } from '../domain/notice.ts'
import { toldOf } from '../domain/notification.ts'
import { decidersOf, ownersOf, watchersOf } from '../live/recipients.ts'
import type { Ports } from '../ports.ts'
import { eligibilityLetter } from '../words/eligibility-letters.ts'
import { incidentLetter } from '../words/incident-letters.ts'
import { settingsLetter } from '../words/settings-letters.ts'
import { type Mailing, recipientsOf, rulesOf } from './addressed.ts'
import { ofRequest } from './request-mailings.ts'

/** Who gets which mail of a notice: by the rules in force now, on live data. */
export function mailingsOf(ports: Ports, notice: NoticeToMany): Promise<Mailing[]> {
  if ('incident' in notice) return ofIncident(ports, notice)
  if ('change' in notice) return ofSettings(ports, notice)
  return 'eligibility' in notice ? ofEligibility(ports, notice) : ofRequest(ports, notice)
}

/** Nobody is told of an end that is none any more. */
async function ofEligibility(
  ports: Ports,
  { kinds, eligibility, events }: EligibilityNotice,
): Promise<Mailing[]> {
  const { id, principalId, principalType, changes = 0 } = eligibility
  const isRemoval = kinds.includes('removed')
  const latest = isRemoval ? eligibility : (await ports.store.findEligibility(id))?.value
  if ((latest?.changes ?? 0) !== changes || latest?.endDateTime !== eligibility.endDateTime) return []
  const movers = events.map(({ initiatedBy }) => initiatedBy.id)
  const rules = rulesOf(ports, eligibility)
  const occasion = 'Admin_Eligibility'
  const mailings: Mailing[] = []
  for (const kind of kinds) {
    const recipients = await recipientsOf(ports, toldOf(kind, occasion), {
      rules,
      occasion,
      people: (capacity) =>
        capacity === 'requester'
          ? ownersOf(ports, principalId, principalType)
          : watchersOf(ports, eligibility),
      isKnownTo: (personId) => movers.includes(personId),
    })
    for (const { to, capacity, isNamedOnly } of recipients) {
      const isOwn = capacity === 'requester' && !isNamedOnly && principalType === 'User'
      mailings.push({
        name: `${kind} ${to.id}`,
        key: `${id} ${kind} ${changes} ${to.id}`,
        to,
        mayWait: capacity !== 'requester',
        write: () => eligibilityLetter(kind, eligibility, isOwn),
      })
    }
  }
  return mailings
}

/** To those who look after the role, whatever its settings say. */
async function ofIncident(ports: Ports, { incident, kinds, count }: IncidentNotice): Promise<Mailing[]> {
  const [kind] = kinds
  return (await watchersOf(ports, incident)).map((person) => ({
    name: person.id,
    key: `${incident.id} ${kind} ${person.id}`,
    to: person,
    mayWait: false,
    write: () => incidentLetter(kind, incident, count),
  }))
}

/** Whatever the settings say, for they are what it is about: the other administrators that it waits, and who asked for it what became of it. */
async function ofSettings(ports: Ports, { change, kinds }: SettingsNotice): Promise<Mailing[]> {
  const [kind] = kinds
  const { id, role, requestedBy, decidedBy } = change
  const people =
    kind === 'settingsChangeAsked'
      ? (await decidersOf(ports, role, requestedBy.id)).filter((person) => person.id !== requestedBy.id)
      : decidedBy?.id === requestedBy.id
        ? []
        : await ownersOf(ports, requestedBy.id, 'User')
  if (kind === 'settingsChangeAsked' && (await ports.settings.findChange(id))?.status !== 'Pending') return []
  return people.map((person) => ({
    name: person.id,
    key: `${id} ${kind} ${person.id}`,
    to: person,
    mayWait: false,
    write: () => settingsLetter(kind, change),
  }))
}
