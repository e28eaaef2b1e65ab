import type { Person } from '../domain/person.ts'
import type { Ports } from '../ports.ts'
import { isEmergencyAccount } from './break-glass.ts'

/** Somebody's manager so many levels up who can be asked: there is one, enabled, not kept for emergencies, and not they themselves. */
export async function askableManager(
  ports: Pick<Ports, 'directory' | 'breakGlass'>,
  personId: string,
  level: number,
): Promise<Person | undefined> {
  let manager: Person | undefined
  for (let step = 0; step < level; step++) {
    manager = await ports.directory.managerOf(manager?.id ?? personId)
    if (!manager) return undefined
  }
  const isAskable =
    manager?.accountEnabled && manager.id !== personId && !isEmergencyAccount(ports, manager.id)
  return isAskable ? manager : undefined
}
