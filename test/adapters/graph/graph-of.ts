import { CLIENT_ID, CLIENT_SECRET, TENANT_ID } from '../../../local/tenant/seed.ts'
import type { TenantProcess } from '../../../local/tenant/spawn.ts'
import { secretTokens } from '../../../src/adapters/entra/app-token.ts'
import { type Graph, graphClient } from '../../../src/adapters/graph/client.ts'

const clients = new Map<string, Graph>()

/** The app's own client of a simulated tenant, one for each, so that its token is asked for once; or anew, where what it may do has changed. */
export function graphOf(tenant: TenantProcess, anew?: 'anew'): { graph: Graph; url: string } {
  const url = `${tenant.url}/v1.0`
  const app = { authority: tenant.url, tenantId: TENANT_ID, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET }
  const graph =
    (anew ? undefined : clients.get(url)) ??
    graphClient(
      url,
      secretTokens(app, 'https://graph.microsoft.com/.default', () => Date.now()),
    )
  clients.set(url, graph)
  return { graph, url }
}
