// Two identities of one app. `run` reads and writes our own storage, keys, logs and mail, and nothing in the directory.
// `graph` holds no role in Azure; graph/ gives it the directory's application permissions, which make it tier 0.

@description('Unique part of the names.')
param resourceToken string
param location string
param tags object

resource run 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-run-${resourceToken}'
  location: location
  tags: tags
}

resource graph 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-graph-${resourceToken}'
  location: location
  tags: tags
}

output runId string = run.id
output runClientId string = run.properties.clientId
output runPrincipalId string = run.properties.principalId
output graphId string = graph.id
output graphClientId string = graph.properties.clientId
output graphPrincipalId string = graph.properties.principalId
