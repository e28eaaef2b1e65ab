// Azure Communication Services e-mail, from a domain that Azure manages or one of your own.

@description('Unique part of the names.')
param resourceToken string
param tags object

@description('Where the service keeps its data.')
param dataLocation string

@description('A domain of your own. Empty: one that Azure manages.')
param customDomain string

@description('Whether its DNS records are verified.')
param customDomainVerified bool

@description('The part of the sender address before the @.')
param sender string

@description('The identity that may send.')
param senderPrincipalId string

var roles = {
  communicationAndEmailServiceOwner: '09976791-48a7-449e-bb21-39d1a415f350'
}
var isCustom = !empty(customDomain)

resource email 'Microsoft.Communication/emailServices@2025-09-01' = {
  name: 'email-${resourceToken}'
  location: 'global'
  tags: tags
  properties: { dataLocation: dataLocation }
}

resource domain 'Microsoft.Communication/emailServices/domains@2025-09-01' = {
  parent: email
  name: isCustom ? customDomain : 'AzureManagedDomain'
  location: 'global'
  tags: tags
  properties: {
    domainManagement: isCustom ? 'CustomerManaged' : 'AzureManaged'
    userEngagementTracking: 'Disabled'
  }
}

// Every domain has the sender DoNotReply already.
resource senderName 'Microsoft.Communication/emailServices/domains/senderUsernames@2025-09-01' = if (isCustom && toLower(sender) != 'donotreply') {
  parent: domain
  name: toLower(sender)
  properties: {
    username: sender
    displayName: 'Interim'
  }
}

resource service 'Microsoft.Communication/communicationServices@2025-09-01' = {
  name: 'acs-${resourceToken}'
  location: 'global'
  tags: tags
  properties: {
    dataLocation: dataLocation
    disableLocalAuth: true
    // An unverified domain cannot be linked.
    linkedDomains: isCustom && !customDomainVerified ? [] : [domain.id]
  }
}

// The narrowest built-in role that the sending API accepts; it also manages this one resource.
resource mayOwn 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(service.id, senderPrincipalId, roles.communicationAndEmailServiceOwner)
  scope: service
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.communicationAndEmailServiceOwner)
    principalId: senderPrincipalId
    principalType: 'ServicePrincipal'
  }
}

output endpoint string = 'https://${service.properties.hostName}'
output fromAddress string = '${sender}@${domain.properties.fromSenderDomain}'
// What to enter in the DNS of your own domain; public by nature.
output dnsRecords object = isCustom ? domain.properties.verificationRecords : {}
