import type { Person } from '../../domain/person.ts'

export type GraphUser = Omit<Person, 'mail'> & { mail?: string | null }

export const PERSON = '$select=id,displayName,mail,accountEnabled'
/** Type casts on membership are served from an index that wants to be asked for by this header. */
export const EVENTUAL = { ConsistencyLevel: 'eventual' }

export const asPerson = ({ id, displayName, mail, accountEnabled }: GraphUser): Person => ({
  id,
  displayName,
  mail: mail ?? null,
  accountEnabled,
})
