import { z } from 'zod'

/** The kinds of role. Each has its adapter behind the same port. */
export const Provider = z.enum(['directory', 'azure', 'group'])
export type Provider = z.infer<typeof Provider>

/** Entra and Azure ids. Not z.uuid(): Microsoft's own ids do not all carry an RFC version. */
export const Guid = z.guid({ message: 'must be a GUID' }).overwrite((id) => id.toLowerCase())

/** The text of a pattern; both cases, because JSON Schema has no flags. */
export const GUID = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'
/** What a name in an Azure scope may be made of: neither what addresses nor what our table keys give a meaning to. */
const NAME = String.raw`[^/?#%\\\s~|\p{Cc}]{1,260}`
const SCOPES: Record<Provider, { pattern: RegExp; rule: string }> = {
  directory: {
    pattern: new RegExp(`^(/|/(administrativeUnits/)?${GUID})$`, 'i'),
    rule: '"/", "/administrativeUnits/{id}" or "/{objectId}"',
  },
  azure: {
    pattern: new RegExp(
      `^(/providers/Microsoft[.]Management/managementGroups/${NAME}|/subscriptions/${GUID}(/resourceGroups/${NAME}(/providers/${NAME}(/${NAME}/${NAME})+)?)?)$`,
      'iu',
    ),
    rule: 'a management group, subscription, resource group or resource, by its full Azure id',
  },
  group: { pattern: new RegExp(`^/groups/${GUID}$`, 'i'), rule: '"/groups/{id}"' },
}

/** A scope is part of table keys, which have 512 characters at most; all else in the longest of them has fewer than 190. */
const MOST_OF_A_SCOPE = 320

const SCOPE_FORMS = Object.values(SCOPES)
  .map(({ rule }) => rule)
  .join(', or ')

/** Where a role applies. Kept in lower case: Graph and ARM compare it without regard to case. */
export const Scope = z
  .string()
  .max(MOST_OF_A_SCOPE, `must have at most ${MOST_OF_A_SCOPE} characters`)
  .refine(
    (scope) =>
      !/\/\.\.?(\/|$)/.test(scope) && Object.values(SCOPES).some(({ pattern }) => pattern.test(scope)),
    { message: `must be ${SCOPE_FORMS}` },
  )
  .overwrite((scope) => scope.toLowerCase().replace('/administrativeunits/', '/administrativeUnits/'))
  .meta({ description: `${SCOPE_FORMS}.` })

export const isAzureScope = (scope: string) => SCOPES.azure.pattern.test(scope)

/** A role definition's GUID; for groups `member` or `owner`. */
export const RoleId = z
  .string()
  .regex(new RegExp(`^(${GUID}|member|owner)$`, 'i'), 'must be a GUID, or for groups "member" or "owner"')
  .overwrite((id) => id.toLowerCase())

/** How callers name a role: these three fields, and {@link rightForProvider} on the whole body. */
export const roleFields = {
  provider: Provider.default('directory'),
  roleDefinitionId: RoleId,
  scope: Scope.default('/'),
}

/** The same where there may be none: {@link roleIn} is the role. */
export const roleFieldsIfNamed = {
  provider: Provider.optional().meta({ description: 'Of the role: `directory`, if left out.' }),
  roleDefinitionId: RoleId.optional(),
  scope: Scope.optional().meta({ description: `Of the role: ${SCOPE_FORMS}. "/", if left out.` }),
}

/** Refuses what does not go together: a group has no directory scope, and a directory role is no membership. */
export function rightForProvider(
  { provider, roleDefinitionId, scope }: Role,
  context: { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void },
): void {
  const { pattern, rule } = SCOPES[provider]
  const complain = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message })
  if (!pattern.test(scope)) complain('scope', `must be ${rule} for the provider ${provider}`)
  if (/^(member|owner)$/.test(roleDefinitionId) !== (provider === 'group'))
    complain(
      'roleDefinitionId',
      `must be ${provider === 'group' ? '"member" or "owner"' : 'a GUID'} for the provider ${provider}`,
    )
}

/** A role at a scope: what one is eligible for, activates and holds. */
export type Role = { provider: Provider; roleDefinitionId: string; scope: string }

/** As it is named in a query or a body that may be about none, or leave out what is that of the directory. */
export type RoleIfNamed = { [K in keyof Role]?: Role[K] | undefined }

/** The role that is named; null: none is. What is left out is that of the directory. */
export function roleIn({ provider = 'directory', roleDefinitionId, scope = '/' }: RoleIfNamed): Role | null {
  return roleDefinitionId ? { provider, roleDefinitionId, scope } : null
}

/** A role as the provider describes it. `isPrivileged` is Microsoft's label, or ours where Microsoft gives none. */
export type RoleDefinition = {
  id: string
  displayName: string
  isBuiltIn: boolean
  isEnabled: boolean
  isPrivileged: boolean
}

/** A role at a scope as its provider describes it. `refusal`: why it cannot be managed here, with a code of Microsoft's. */
export type RoleDescription = RoleDefinition & {
  scopeName: string
  refusal: { code: string; message: string } | null
}

/** A role in the words that people know it by: `Exchange Administrator`, `Member of Tier Zero Operators`. */
export function titleOf({ provider, roleName, scopeName }: NamedRole): string {
  return provider === 'group' ? `${roleName} of ${scopeName}` : roleName
}

/** A role with the names that it had when it was written down. */
export type NamedRole = { provider: Provider; roleName: string; scopeName: string }

/** The names of a role as its provider gives them now. */
export const namesOf = ({ displayName, scopeName }: RoleDescription) => ({ roleName: displayName, scopeName })

export type PrincipalType = 'User' | 'Group' | 'ServicePrincipal'

/** One text for one role at one scope, fit for comparing and for table keys. */
export function roleKey({ provider, roleDefinitionId, scope }: Role): string {
  return `${provider}|${roleDefinitionId}|${scope.replaceAll('/', '~')}`.toLowerCase()
}

export function sameRole(a: Role, b: Role): boolean {
  return roleKey(a) === roleKey(b)
}

/** Does what is held of this role, at its scope, hold for the other too: the same role, there or in a scope that lies in it. */
export function covers(wide: Role, role: Role, scopesAbove: readonly string[]): boolean {
  return [role.scope, ...scopesAbove].some((scope) => sameRole(wide, { ...role, scope }))
}

const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10'
const PRIVILEGED_ROLE_ADMINISTRATOR = 'e8611ab8-c189-46e8-94e1-60213ab1f814'
export const SECURITY_ADMINISTRATOR = '194ae4cb-b126-40b2-bd5b-6091b380977d'
const SECURITY_READER = '5d6b6bb7-de71-4623-b4af-96380a352509'
const GLOBAL_READER = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451'

/** Who administers directory roles, and who may look on. */
export const ADMINISTRATORS: readonly string[] = [GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR]
export const nameOfAdministrator = (roleDefinitionId: string) =>
  roleDefinitionId === GLOBAL_ADMINISTRATOR ? 'Global Administrator' : 'Privileged Role Administrator'
export const READERS: readonly string[] = [
  ...ADMINISTRATORS,
  GLOBAL_READER,
  SECURITY_ADMINISTRATOR,
  SECURITY_READER,
]
