import { type Role, roleKey } from './role.ts'

/**
 * Ids carry what is needed to find their row: whose partition it is in, and when it was made. So a link or an
 * orchestration that knows the id needs no index, and an index that does not exist cannot be stale.
 *
 * `req-<principal, 32 hex digits>-<time, 9 base-36 digits><random, 10 to 16 base-36 digits>`
 */
const ID = /^(req|elig|set|use|inc|gov|dele|hook)-([0-9a-f]{32})-([0-9a-z]{9})([0-9a-z]{10,16})$/

export type IdPrefix = 'req' | 'elig' | 'set' | 'use' | 'inc' | 'gov' | 'dele' | 'hook'

/** Makes an id for a row of `principalId` (a guid) made at `at`; `random` is base-36 text of 10 to 16 digits. */
export function makeId(prefix: IdPrefix, principalId: string, at: Date, random: string): string {
  return `${prefix}-${principalId.replaceAll('-', '').toLowerCase()}-${base36(at.getTime())}${random}`
}

/** The principal (a guid in lower case) in whose partition the row of this id lives; undefined if it is no such id. */
export function principalOf(id: string): string | undefined {
  const hex = ID.exec(id)?.[2]
  return hex?.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** When the row of this id was made; undefined if it is no such id. */
export function madeAt(id: string): Date | undefined {
  const digits = ID.exec(id)?.[3]
  return digits === undefined ? undefined : new Date(Number.parseInt(digits, 36))
}

/** Sorts the newest first: the larger the time, the smaller the text. */
export function newestFirst(at: Date): string {
  return base36(MAX_MILLIS - at.getTime())
}

/** When the row of this id was made, as text that sorts the newest first. */
export function newestFirstOf(id: string): string {
  return base36(MAX_MILLIS - Number.parseInt(ID.exec(id)?.[3] ?? '0', 36))
}

/** A text for each id, no two the same, that sorts what was made earliest first. */
export const oldestFirst = (id: string) => `${ID.exec(id)?.[3] ?? ''}|${id}`

const MAX_MILLIS = 36 ** 9 - 1
const base36 = (millis: number) => millis.toString(36).padStart(9, '0')

/**
 * Whose partition the settings of a role are in, as a GUID: so that the id of a change carries it too. Of a directory role its
 * own id; of others, which a GUID alone does not name, one made of all three parts. Two that share a partition by chance do
 * no harm: rows carry the whole key.
 */
export function settingsOwner(role: Role): string {
  return role.provider === 'directory' ? role.roleDefinitionId : guidOf(roleKey(role))
}

/** A GUID for the assignment of a request: the same at every attempt, so that a second one finds the first. */
export function assignmentName(requestId: string): string {
  const [, principal = '', rest = ''] = requestId.split('-')
  return guidOf(`${principal}${rest}`)
}

/** The same GUID for the same text. */
function guidOf(text: string): string {
  const digits = hash(text).toString(16).padStart(32, '0')
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-5$3-8$4-$5')
}

/** FNV-1a in 128 bits: ids are unique by themselves, this only gives them another form. */
function hash(text: string): bigint {
  let value = 0x6c62272e07bb014262b821756295c58dn
  for (const character of text)
    value = BigInt.asUintN(
      128,
      (value ^ BigInt(character.charCodeAt(0))) * 0x0000000001000000000000000000013bn,
    )
  return value
}
