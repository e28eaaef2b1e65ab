/** What a role definition of Azure allows. */
export type Permission = {
  actions?: string[]
  notActions?: string[]
  dataActions?: string[]
}

const WRITE = 'microsoft.authorization/roleassignments/write'

/** Azure's patterns know one sign: a star for anything. */
function matches(pattern: string, action: string): boolean {
  const parts = pattern.toLowerCase().split('*')
  const [first = '', ...rest] = parts
  if (rest.length === 0) return first === action
  const last = rest.pop() as string
  if (!action.startsWith(first) || !action.endsWith(last) || action.length < first.length + last.length)
    return false
  let at = first.length
  for (const part of rest) {
    const found = action.indexOf(part, at)
    if (found < 0 || found + part.length > action.length - last.length) return false
    at = found + part.length
  }
  return true
}

/** May its holders give roles to others: Owner, User Access Administrator, RBAC Administrator, and custom roles that can. */
export const assignsRoles = (permissions: readonly Permission[]) =>
  permissions.some(
    ({ actions = [], notActions = [] }) =>
      actions.some((each) => matches(each, WRITE)) && !notActions.some((each) => matches(each, WRITE)),
  )

/**
 * Azure gives no such label. A built-in role that does nothing but read is not privileged; every other one is, and so is
 * every custom one, whose actions somebody may change any day. A mistake then costs a sign-in.
 */
export const isPrivileged = (isBuiltIn: boolean, permissions: readonly Permission[]) =>
  !isBuiltIn ||
  permissions.some(({ actions = [], dataActions = [] }) =>
    [...actions, ...dataActions].some((each) => !each.toLowerCase().endsWith('/read')),
  )
