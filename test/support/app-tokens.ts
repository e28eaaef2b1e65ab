import type { TenantProcess } from '../../local/tenant/spawn.ts'
import { secretTokens, type TokenSource } from '../../src/adapters/entra/app-token.ts'

/** The app's own tokens for a service, from the simulated tenant. */
export function tokensOf(tenant: Pick<TenantProcess, 'settings'>, resource: string): TokenSource {
  const settings = tenant.settings()
  const secret = {
    authority: settings.ENTRA_AUTHORITY as string,
    tenantId: settings.ENTRA_TENANT_ID as string,
    clientId: settings.ENTRA_CLIENT_ID as string,
    clientSecret: settings.ENTRA_CLIENT_SECRET as string,
  }
  return secretTokens(secret, `${resource}/.default`, () => Date.now())
}
