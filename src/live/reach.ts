import { type Eligibility, isNotOver } from '../domain/eligibility.ts'
import { type Role, sameRole } from '../domain/role.ts'
import type { Ports } from '../ports.ts'
import { atOnce } from './at-once.ts'

/** What somebody can come to without anybody else's doing, now or later, in however many steps. */
export type Reach = {
  /** The groups that they are an active member of, nested ones included. */
  isIn: ReadonlySet<string>
  /** The groups that they own, may own or may join, and those that these are nested in. */
  mayJoin: ReadonlySet<string>
  /** Theirs, and those of all of these groups, as far as they are not over. */
  eligibilities: readonly Eligibility[]
}

/**
 * Known of the groups that are eligible for anything, and of `wanted`. `except` is not gone after: it is held by somebody's leave.
 * Undefined: there is more to look at than it is worth, so the worst is to be assumed.
 */
export async function withinReach(
  { store, views, directory, now }: Pick<Ports, 'store' | 'views' | 'directory' | 'now'>,
  personId: string,
  wanted: readonly string[] = [],
  except: readonly Role[] = [],
): Promise<Reach | undefined> {
  const groups = [...new Set([...(await views.notedGroups()), ...wanted])]
  const [member, owned] =
    groups.length > 0
      ? await Promise.all([directory.groupsOf(personId, groups), directory.groupsOwnedBy(personId)])
      : [[], []]
  const isIn = new Set(member)
  const mayJoin = new Set<string>()
  const eligibilities: Eligibility[] = []
  const read = new Set<string>()
  let joined: readonly string[] = owned
  do {
    for (const id of joined) mayJoin.add(id)
    if (mayJoin.size > MOST_GROUPS) return undefined
    const above = await atOnce(ASKED_AT_ONCE, joined, (id) => directory.groupsAbove(id, groups))
    for (const id of above.flat()) mayJoin.add(id)
    const all = new Set([personId, ...isIn, ...joined, ...above.flat()])
    const next = [...all].filter((id) => !read.has(id))
    for (const id of next) read.add(id)
    const live = await atOnce(READS_AT_ONCE, next, (id) => store.readLive(id))
    const found = live.flatMap((each) => each.eligibilities).filter((each) => isNotOver(each, now()))
    eligibilities.push(...found)
    const usable = found.filter((each) => !except.some((role) => sameRole(role, each)))
    joined = [...new Set(usable.flatMap(groupOf))].filter((id) => !mayJoin.has(id))
  } while (joined.length > 0)
  return { isIn, mayJoin, eligibilities }
}

/** A group that one may join; or own, for its owner adds whom they like, themselves too. */
const groupOf = ({ provider, scope }: Role): string[] =>
  provider === 'group' ? [scope.replace('/groups/', '')] : []

/** More than anybody needs; each costs a read and a question to the directory. */
const MOST_GROUPS = 200
const READS_AT_ONCE = 16
const ASKED_AT_ONCE = 4
