/** Somebody in the directory, as far as we need to know them. Keyed by `id` (the oid), never by name or mail. */
export type Person = {
  id: string
  displayName: string
  mail: string | null
  accountEnabled: boolean
}

/** Who did something: what a record shows when the person is long gone. */
export type Actor = { id: string; displayName: string }

/** What Interim does by itself, when a time comes. */
export const INTERIM: Actor = { id: '00000000-0000-0000-0000-000000000000', displayName: 'Interim' }

/** How strongly somebody proved who they are, read from the token of the request. */
export type Proof = { mfa: boolean; contexts: readonly string[] }
