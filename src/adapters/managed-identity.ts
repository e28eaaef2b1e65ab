import type { AccessToken, TokenCredential } from '@azure/identity'

type Asked = Parameters<TokenCredential['getToken']>

/**
 * The managed identity of the function app, or the one named by its client id. The library takes a quarter of a second to
 * load: only when the first token is asked for.
 */
export function managedIdentity(clientId: string | undefined) {
  const load = async () => {
    const { ManagedIdentityCredential } = await import('@azure/identity')
    return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential()
  }
  let loading: ReturnType<typeof load> | undefined
  return {
    async getToken(...asked: Asked): Promise<AccessToken> {
      loading ??= load()
      return (await loading).getToken(...asked)
    },
  }
}
