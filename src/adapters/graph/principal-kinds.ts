import type { PrincipalType } from '../../domain/role.ts'

const KINDS: Record<string, PrincipalType> = {
  '#microsoft.graph.user': 'User',
  '#microsoft.graph.group': 'Group',
  '#microsoft.graph.servicePrincipal': 'ServicePrincipal',
}

/** What an object of Graph is as a principal; null for what cannot be given anything, or is not told. */
export const kindOf = (object: { '@odata.type'?: string } | undefined): PrincipalType | null =>
  KINDS[object?.['@odata.type'] ?? ''] ?? null
