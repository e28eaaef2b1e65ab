import type { Directory } from '../directory/directory.ts'
import type { Answer, Call } from '../http.ts'

export type Caller = { id: string; permissions: Set<string> }

/** What a route's function gets. `at` holds the {names} of its path. */
export type Ask = {
  call: Call
  at: Record<string, string>
  directory: Directory
  caller: Caller
  body: Record<string, unknown>
}
export type Route = { method: string; path: RegExp; anyOf: readonly string[]; answer: (ask: Ask) => Answer }

const everything = ['Directory.Read.All', 'Directory.ReadWrite.All']
const readGroups = [
  'GroupMember.Read.All',
  'Group.Read.All',
  'GroupMember.ReadWrite.All',
  'Group.ReadWrite.All',
]

/** Which application permissions open a route: one of them is enough. */
export const may = {
  readUsers: ['User.Read.All', 'User.ReadWrite.All', ...everything],
  readGroups: [...readGroups, ...everything],
  readMemberships: ['User.Read.All', ...readGroups, ...everything],
  readObjects: ['User.Read.All', 'Application.Read.All', ...readGroups, ...everything],
  readApplications: ['Application.Read.All', 'Application.ReadWrite.All', ...everything],
  readUnits: ['AdministrativeUnit.Read.All', 'AdministrativeUnit.ReadWrite.All', ...everything],
  readRoles: [
    'RoleManagement.Read.Directory',
    'RoleManagement.ReadWrite.Directory',
    'RoleManagement.Read.All',
    ...everything,
  ],
  readPolicies: ['Policy.Read.ConditionalAccess', 'Policy.Read.All'],
  writeRoles: ['RoleManagement.ReadWrite.Directory'],
  writeMembers: ['GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  writeOwners: ['Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  deleteUsers: ['User.ReadWrite.All', 'User.DeleteRestore.All', 'Directory.ReadWrite.All'],
  deleteGroups: ['Group.ReadWrite.All', 'Directory.ReadWrite.All'],
}

/** `route('GET', '/users/{id}', may.readUsers, …)`. */
export function route(
  method: string,
  path: string,
  anyOf: readonly string[],
  answer: Route['answer'],
): Route {
  const pattern = path.replaceAll(/[.$]/g, '\\$&').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')
  return { method, path: new RegExp(`^${pattern}$`), anyOf, answer }
}
