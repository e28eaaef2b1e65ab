import type { Addressee } from '../domain/bundle.ts'
import { audienceOf, type Capacity, type Occasion, type Urgency } from '../domain/notification.ts'
import type { Role } from '../domain/role.ts'
import { defaultRules, type Rule } from '../domain/role-settings.ts'
import { settingsOf } from '../live/circumstances.ts'
import type { Asked } from '../live/delegations.ts'
import { Impossible, type Ports } from '../ports.ts'
import type { Composed } from '../words/letter.ts'

/** One mail to one person. `name` tells it from the others of its notice, `key` from all others. */
export type Mailing = {
  name: string
  key: string
  to: Addressee
  /** With others to the same person: whoever it is about waits to hear of it, others look on. */
  mayWait: boolean
  write(): Composed
}

/** In which capacity somebody is told; an address that only the settings name gets no link of anybody's. */
export type Recipient = {
  to: Addressee & Pick<Asked, 'standsInFor'>
  capacity: Capacity
  isNamedOnly: boolean
}

type Asking = {
  rules: () => Promise<readonly Rule[]>
  occasion: Occasion
  people: (capacity: Capacity) => Promise<readonly Asked[]>
  /** Who has done it knows. */
  isKnownTo: (personId: string, capacity: Capacity) => boolean
}

/** As many as Microsoft mails for one event. */
const MOST = 1000

/** Each once, in their nearest capacity: whose it is, who was asked, who looks after it; at last the addresses of the settings. */
export async function recipientsOf(
  { log }: Ports,
  told: Partial<Record<Capacity, Urgency>>,
  { rules, occasion, people, isKnownTo }: Asking,
): Promise<Recipient[]> {
  const found = new Map<string, Recipient>()
  const named = new Map<string, Recipient>()
  for (const capacity of CAPACITIES) {
    const urgency = told[capacity]
    if (!urgency) continue
    const { byDefault, addresses } = audienceOf(await rules(), capacity, occasion, urgency)
    const concerned = byDefault ? await people(capacity) : []
    for (const to of concerned.filter(({ id }) => !isKnownTo(id, capacity)))
      addUnlessThere(found, to.id, { to, capacity, isNamedOnly: false })
    for (const address of addresses)
      addUnlessThere(named, address.toLowerCase(), { to: atAddress(address), capacity, isNamedOnly: true })
  }
  for (const { to } of found.values()) named.delete(to.mail?.toLowerCase() ?? '')
  const all = [...found.values(), ...named.values()]
  if (all.length > MOST)
    log.warn('More people are to be told than are told of one event.', { people: all.length })
  return all.slice(0, MOST)
}

const CAPACITIES = ['requester', 'approver', 'administrator'] as const

function addUnlessThere(all: Map<string, Recipient>, key: string, recipient: Recipient): void {
  if (!all.has(key)) all.set(key, recipient)
}

const atAddress = (address: string): Addressee => ({
  id: `mailto:${address.toLowerCase()}`,
  displayName: address,
  mail: address,
})

/** Read once, and only when a mail depends on it. Of a role or a scope that is gone, what holds for any. */
export function rulesOf(ports: Ports, role: Role): () => Promise<readonly Rule[]> {
  let read: Promise<readonly Rule[]> | undefined
  return () => {
    read ??= settingsOf(ports, role).then(
      ({ rules }) => rules,
      (error) => {
        if (error instanceof Impossible) return defaultRules(role.provider)
        throw error
      },
    )
    return read
  }
}
