import type { Person, Proof } from '../../src/domain/person.ts'
import type { Role, RoleDescription } from '../../src/domain/role.ts'
import type { Approver } from '../../src/domain/role-settings.ts'
import type { Caller } from '../../src/ports.ts'

const guid = (kind: string, n: number) => `${kind.repeat(8)}-0000-4000-8000-${`${n}`.padStart(12, '0')}`
const person = (n: number, displayName: string): Person => ({
  id: guid('1', n),
  displayName,
  mail: `${displayName.split(' ')[0]?.toLowerCase()}@contoso.example`,
  accountEnabled: true,
})

export const ada = person(1, 'Ada Lovelace')
export const grace = person(2, 'Grace Hopper')
export const linus = person(3, 'Linus Torvalds')
export const alan = person(5, 'Alan Turing')
export const dorothy = person(7, 'Dorothy Vaughan')
export const mallory = person(10, 'Mallory Malone')
export const ken: Person = { ...person(11, 'Ken Thompson'), accountEnabled: false }
export const EVERYBODY = [ada, grace, linus, alan, dorothy, mallory, ken]

export const approversGroup = guid('2', 1)
export const engineers = guid('2', 2)

export const exchange: RoleDescription = {
  id: '29232cdf-9323-42fd-ade2-1d097af3e4de',
  displayName: 'Exchange Administrator',
  isBuiltIn: true,
  isEnabled: true,
  isPrivileged: false,
  scopeName: 'the whole directory',
  refusal: null,
}
export const helpdesk: RoleDescription = {
  ...exchange,
  id: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
  displayName: 'Helpdesk Administrator',
  isPrivileged: true,
}
export const exchangeRole: Role = { provider: 'directory', roleDefinitionId: exchange.id, scope: '/' }
export const helpdeskRole: Role = { ...exchangeRole, roleDefinitionId: helpdesk.id }

export const user = (userId: string): Approver => ({ '@odata.type': '#microsoft.graph.singleUser', userId })
export const group = (groupId: string): Approver => ({
  '@odata.type': '#microsoft.graph.groupMembers',
  groupId,
})

export const WEAK: Proof = { mfa: false, contexts: [] }
export const caller = ({ id, displayName }: Person, more: Partial<Caller> = {}): Caller => ({
  id,
  displayName,
  kind: 'user',
  proof: WEAK,
  canAnswerClaims: false,
  ...more,
})
