import { type Digest, LISTS, type Line, type ListName, type ProviderDigest } from '../domain/digest.ts'
import type { Provider } from '../domain/role.ts'
import { SHOWN, type Shown, type TalliedRole } from '../domain/tally.ts'
import { endsOfWeek } from '../domain/week.ts'
import { when } from './letters.ts'

/** A table of a digest: a heading, rows of cells, and what is not shown. */
export type Block = { title: string; rows: [what: string, detail: string][]; more: string | null }
export type Chapter = { title: string; blocks: Block[] }

/** What a digest says, for a mail, its text and a page alike. What is empty is not there. */
export function chaptersOf({ providers }: Digest): Chapter[] {
  return providers.map((each) => ({ title: PROVIDERS[each.provider], blocks: blocksOf(each) }))
}

export const digestTitle = (tenantName: string | null) =>
  `Your weekly digest${tenantName ? ` for ${tenantName}` : ''}`

/** `Monday, 16 Nov 2026 to Sunday, 22 Nov 2026 (Europe/Berlin)`. */
export function digestSpan({ week }: Digest, timeZone: string): string {
  const { monday, sunday } = endsOfWeek(week)
  const day = (date: string) => when(`${date}T00:00`).replace(/,.*/, '')
  return `Monday, ${day(monday)} to Sunday, ${day(sunday)} (${timeZone})`
}

export const NOTHING_TO_TELL = 'Nothing was activated or assigned, and nothing waits.'

const PROVIDERS: Record<Provider, string> = {
  directory: 'Microsoft Entra roles',
  azure: 'Azure roles',
  group: 'Groups',
}

const LATEST: Record<Shown, string> = {
  permanent: 'Users made permanent',
  outside: 'Role assignments outside of PIM',
  breakGlass: 'Break-glass accounts concerned',
}

const LIST_TITLES: Record<ListName, string> = {
  overdue: 'Overdue: should have ended, and has not',
  pending: 'Waiting for a decision',
  alerts: 'Alerts: assigned outside of PIM, and not dealt with',
  expiringSoon: 'Expiring within 14 days',
}

function blocksOf({ counts, latest, topRoles, lists }: ProviderDigest): Block[] {
  const blocks: Block[] = LISTS.flatMap((name) => {
    const list = lists[name]
    if (!list) return []
    const rows = list.items.map((line): [string, string] => [whose(line), detailOf(name, line)])
    return [{ title: LIST_TITLES[name], rows, more: list.hasMore ? 'and more' : null }]
  })
  const tiles: [string, number][] = [
    ['Users activated', counts.activated],
    ['Users made permanent', counts.permanent],
    ['Role assignments in PIM', counts.inside],
    ['Role assignments outside of PIM', counts.outside],
  ]
  if (tiles.some(([, count]) => count > 0))
    blocks.push({ title: 'This week', rows: tiles.map(([what, count]) => [what, `${count}`]), more: null })
  for (const kind of SHOWN) {
    const rows = latest[kind].map((each): [string, string] => [whose(each), when(each.at)])
    const left = counts[kind] - rows.length
    if (rows.length > 0)
      blocks.push({ title: LATEST[kind], rows, more: left > 0 ? `and ${left} more` : null })
  }
  if (topRoles.length > 0)
    blocks.push({
      title: 'Overview of your top roles',
      rows: topRoles.map((role) => [role.title, useOf(role)]),
      more: null,
    })
  return blocks
}

const whose = ({ who, title }: Pick<Line, 'who' | 'title'>) => `${who.displayName}, ${title}`

function detailOf(name: ListName, { at, kind, scopeName }: Line): string {
  const where = scopeName ? `${scopeName}, ` : ''
  switch (name) {
    case 'overdue':
      return `${where}ended ${when(at)}`
    case 'pending':
      return `${where}${kind === 'moreTime' ? 'more time to be eligible, ' : ''}since ${when(at)}`
    case 'alerts':
      return `${where}found ${when(at)}`
    case 'expiringSoon':
      return `${where}${kind === 'eligibility' ? 'eligible' : 'assigned'} until ${when(at)}`
  }
}

const useOf = ({ activated, inside }: TalliedRole) =>
  [activated > 0 ? `${times(activated)} activated` : '', inside > 0 ? `${times(inside)} assigned` : '']
    .filter(Boolean)
    .join(', ')

const times = (count: number) => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`)
