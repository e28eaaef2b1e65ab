import { claimOn } from '../domain/overlaps.ts'
import { INTERIM } from '../domain/person.ts'
import type { Request } from '../domain/request.ts'
import { ended, endingBegun, restoring } from '../domain/request-steps.ts'
import { changeRequest } from '../live/change.ts'
import { look } from '../live/look.ts'
import { providerOf } from '../live/providers.ts'
import type { Ports, Workflows } from '../ports.ts'

/**
 * What should be held and did not show: looked for once more, and only then ended; or, where the settings say so and it was ours,
 * given again, judged anew. What was ours ends as everything of ours: it is taken away by its id, which finds nothing where lists
 * were right, and leaves nobody with access where they were not. What was there before us is not ours to take.
 */
export async function dealWithMissing(
  ports: Ports,
  workflows: Workflows,
  { id }: Pick<Request, 'id'>,
): Promise<'there' | 'closed' | 'restored'> {
  const read = await ports.store.findRequest(id)
  if (read?.value.status !== 'Provisioned') return 'there' // it has ended meanwhile, as it should
  const { grant, principal } = read.value
  const there = await providerOf(ports, read.value).find(principal.id, read.value)
  const isThere = grant?.preExisting
    ? there.length > 0
    : there.some((each) => each.toLowerCase() === grant?.assignmentId?.toLowerCase())
  if (isThere) return 'there'
  const isWanted = ports.drift.restoreRemoved && !grant?.preExisting && (grant?.restored ?? 0) < MOST_RESTORES
  const again = isWanted && !(await isGivenByOthers(ports, id, there))
  const end = grant?.preExisting ? ended : endingBegun
  const step = again
    ? restoring(read.value, ports.now())
    : end(read.value, 'removedOutside', INTERIM, ports.now())
  const changed = await changeRequest(ports, workflows, read, step)
  if (!changed) return 'there' // somebody came between: the next look sees
  ports.log.warn('An assignment was removed outside before its end.', { requestId: id, restored: again })
  return again ? 'restored' : 'closed'
}

/** What somebody has put in its place is theirs: given again beside it, ours could not be told from it. */
async function isGivenByOthers(ports: Ports, id: string, there: readonly string[]): Promise<boolean> {
  if (there.length === 0) return false
  const others = (await look(ports, id)).others.map(({ value }) => value)
  return there.some((each) => claimOn(each, others) !== 'shared')
}

/** Somebody who takes it away again and again means it. */
const MOST_RESTORES = 3
