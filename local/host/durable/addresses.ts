/** The addresses under which an instance is managed, in the real host's order and form. */
export const WEBHOOKS = '/runtime/webhooks/durabletask'
export const RPC = '/durabletask'
const CODE = 'local'

export function managementUrls(origin: string, hub: string, id: string) {
  const instance = `${origin}${WEBHOOKS}/instances/${id}`
  const query = `taskHub=${hub}&connection=Storage&code=${CODE}`
  return {
    id,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  }
}

/** What the durableClient binding hands to the app: the SDK's client then talks to the rpc address. */
export function clientData(origin: string, hub: string): string {
  const create = `${origin}${WEBHOOKS}/orchestrators/{functionName}[/{instanceId}]`
  return JSON.stringify({
    taskHubName: hub,
    connectionName: 'Storage',
    creationUrls: {
      createNewInstancePostUri: `${create}?code=${CODE}`,
      createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=${CODE}`,
    },
    managementUrls: managementUrls(origin, hub, 'INSTANCEID'),
    baseUrl: `${origin}${WEBHOOKS}`,
    requiredQueryStringParameters: `code=${CODE}`,
    rpcBaseUrl: `${origin}${RPC}/`,
    httpBaseUrl: `${origin}${WEBHOOKS}`,
  })
}
