import { z } from 'zod'

/** The kinds of role. Each has its adapter; `azure` and `group` join when theirs are built. */
export const Provider = z.enum(['directory'])
export type Provider = z.infer<typeof Provider>

/** Entra and Azure ids. Not z.uuid(): Microsoft's own ids do not all carry an RFC version. */
export const Guid = z.guid({ message: 'must be a GUID' }).overwrite((id) => id.toLowerCase())

/** Where a directory role applies: the tenant, an administrative unit, or a single object. */
export const DirectoryScope = z
  .string()
  .regex(/^\/$|^\/(administrativeUnits\/)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, {
    message: 'must be "/", "/administrativeUnits/{id}" or "/{objectId}"',
  })
  .transform((scope) => scope.toLowerCase().replace('/administrativeunits/', '/administrativeUnits/'))

/** A role at a scope: what one is eligible for, activates and holds. */
export type Role = { provider: Provider; roleDefinitionId: string; scope: string }

/** A role as the provider describes it. `isPrivileged` is Microsoft's label, or ours where Microsoft gives none. */
export type RoleDefinition = {
  id: string
  displayName: string
  isBuiltIn: boolean
  isEnabled: boolean
  isPrivileged: boolean
}

/** One text for one role at one scope, fit for comparing and for table keys. */
export function roleKey({ provider, roleDefinitionId, scope }: Role): string {
  return `${provider}|${roleDefinitionId}|${scope.replaceAll('/', '~')}`.toLowerCase()
}

export function sameRole(a: Role, b: Role): boolean {
  return roleKey(a) === roleKey(b)
}

const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10'
const PRIVILEGED_ROLE_ADMINISTRATOR = 'e8611ab8-c189-46e8-94e1-60213ab1f814'
const SECURITY_ADMINISTRATOR = '194ae4cb-b126-40b2-bd5b-6091b380977d'
const SECURITY_READER = '5d6b6bb7-de71-4623-b4af-96380a352509'
const GLOBAL_READER = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451'

/** Who administers directory roles, and who may look on. */
export const ADMINISTRATORS: readonly string[] = [GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR]
export const READERS: readonly string[] = [
  ...ADMINISTRATORS,
  GLOBAL_READER,
  SECURITY_ADMINISTRATOR,
  SECURITY_READER,
]
