import { assignmentName } from '../domain/ids.ts'
import type { Request } from '../domain/request.ts'
import type { Provider } from '../domain/role.ts'
import { Impossible, type Ports, type RoleProvider } from '../ports.ts'

/** The provider of a role. One that is not configured knows no role and no scope, so nothing of it can be asked for. */
export function providerOf(
  { providers }: Pick<Ports, 'providers'>,
  { provider }: { provider: Provider },
): RoleProvider {
  return providers[provider] ?? absent(provider)
}

/**
 * Which of the assignments that were found an attempt of this request has made: by the id that we know, else by the name
 * that we gave it. Where neither tells, all of them.
 */
export function madeFor(provider: RoleProvider, request: Request, found: readonly string[]): string[] {
  const known = request.grant?.assignmentId
  if (known) return found.filter((id) => id === known)
  return found.filter((id) => provider.isNamed?.(id, assignmentName(request.id)) ?? true)
}

const absent = (provider: Provider): RoleProvider => {
  const refuse = async (): Promise<never> => {
    throw new Impossible(
      'ProviderNotConfigured',
      `Roles of the provider ${provider} are not configured here.`,
    )
  }
  return {
    roles: async () => [],
    describe: async () => undefined,
    scopesAbove: async () => [],
    mayAdminister: async () => false,
    administrators: async () => [],
    find: refuse,
    add: refuse,
    remove: refuse,
    held: refuse,
  }
}
