import { z } from 'zod'

/** What callers who know Graph's or Azure's own API may write for what is called otherwise here, the likeliest first. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  directoryScopeId: ['scope'],
  appScopeId: ['scope'],
  groupId: ['scope'],
  accessId: ['roleDefinitionId'],
  roleId: ['roleDefinitionId'],
  requestType: ['action'],
  reason: ['justification'],
  ticketNumber: ['ticketInfo'],
  ticketSystem: ['ticketInfo'],
  schedule: ['scheduleInfo'],
  startDateTime: ['scheduleInfo'],
  endDateTime: ['scheduleInfo', 'expiration'],
  duration: ['scheduleInfo', 'expiration'],
  expiration: ['scheduleInfo'],
  decision: ['reviewResult'],
  $top: ['top'],
  $skiptoken: ['pageToken'],
}

/** The first of the likely names that is known where this one is not. */
const ourNameFor = (name: string, isKnown: (ours: string) => boolean) =>
  Object.hasOwn(OURS, name) ? OURS[name]?.find(isKnown) : undefined

/**
 * What is said of names that are not known: which of ours is meant, where somebody writes Graph's. Where nothing is meant and all
 * that may be sent is plain, as in a query, that. `isKnown`: whether `ours` would be, in place of this name.
 */
export function unknownNames(
  schema: z.ZodType | null,
  names: readonly string[],
  isKnown: (name: string, ours: string) => boolean,
): string {
  const said = `Unrecognized key${names.length > 1 ? 's' : ''}: ${names.map((name) => `"${name}"`).join(', ')}`
  const meant = names.flatMap((name) => {
    const ours = ourNameFor(name, (candidate) => isKnown(name, candidate))
    return ours ? [`"${name}" is "${ours}" here`] : []
  })
  if (meant.length === names.length || !(schema instanceof z.ZodObject)) return [said, ...meant].join('; ')
  return [said, ...meant, `there are ${Object.keys(schema.shape).join(', ') || 'none'}`].join('; ')
}
