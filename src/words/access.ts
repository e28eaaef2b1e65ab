import type { NamedRole, Provider } from '../domain/role.ts'

/** What one activates, in a sentence: `the Exchange Administrator role`, `membership of Tier Zero Operators`. */
export const accessOf = (role: NamedRole) =>
  role.provider === 'group' ? belongingOf(role) : `the ${role.roleName} role`

/** The same where its name has just been read: `a role`, `membership of Tier Zero Operators`. */
export const someAccessOf = (role: NamedRole) => (role.provider === 'group' ? belongingOf(role) : 'a role')

/** The same in a heading: `Exchange Administrator`, `membership of Tier Zero Operators`. */
export const wantedOf = (role: NamedRole) => (role.provider === 'group' ? belongingOf(role) : role.roleName)

/** The same as what somebody has: `Ada's Exchange Administrator role`, `Ada's membership of Tier Zero Operators`. */
export const ownedAccessOf = (whose: string, role: NamedRole) =>
  role.provider === 'group' ? `${whose} ${belongingOf(role)}` : `${whose} ${role.roleName} role`

/** What it is called once it has been named: the role, the membership, the ownership. */
export const kindOfAccess = (role: NamedRole) => (role.provider === 'group' ? belonging(role) : 'role')

/** A role applies at a scope, a membership is one of a group. */
export const scopeLabel = (provider: Provider) => (provider === 'group' ? 'Group' : 'Scope')

const belonging = ({ roleName }: NamedRole) => (roleName === 'Owner' ? 'ownership' : 'membership')
const belongingOf = (role: NamedRole) => `${belonging(role)} of ${role.scopeName}`
