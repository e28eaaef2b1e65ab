targetScope = 'subscription'

// Everything that Interim needs in Azure. What it needs in Microsoft Entra is in graph/, for somebody else to deploy:
// whoever may deploy this needs no right over the directory. Step by step: docs/deploy.md.

@minLength(1)
@maxLength(64)
@description('Name of the azd environment; the resource group and the names of all resources come from it.')
param environmentName string

@minLength(1)
@description('Region of all resources. It must offer the Flex Consumption plan.')
@metadata({ azd: { type: 'location' } })
param location string

@description('Client id of the app registration that graph/ makes. Until it is known nobody can call the API: no token has this audience.')
param entraClientId string = ''

@description('Authentication context (c1 to c99) that counts as a second factor. Empty: roles that demand one cannot be activated with v2 tokens.')
param mfaAuthenticationContext string = ''

@description('Object ids of the break-glass accounts, separated by commas: nothing is given to them or taken from them.')
param breakGlassIds string = ''

@description('Is what somebody outside has removed given again, until its end?')
@allowed(['', 'true', 'false'])
param restoreRemoved string = 'false'

@description('Does every change of settings wait until another administrator has confirmed it?')
@allowed(['', 'true', 'false'])
param settingsNeedTwo string = 'false'

@description('Hosts in networks of one’s own that webhooks and ticket checks may call, separated by commas. Empty: only the internet.')
param webhookAllowedHosts string = ''

@description('IANA time zone whose Monday morning the weekly digest goes out on.')
param digestTimeZone string = 'UTC'

@minValue(0)
@maxValue(23)
@description('Hour of that morning.')
param digestHour int = 8

@description('What this tenant is called in the weekly digest. Empty: nothing.')
param tenantName string = ''

@description('Management groups and subscriptions whose roles Interim gives, by their full ids, separated by commas. Empty: none. Its identity needs User Access Administrator there.')
param azureScopes string = ''

@description('Address under which people reach the app, without a path. Empty: the host name that Azure gives it.')
param publicUrl string = ''

@description('Mail domain of your own. Empty: a domain that Azure manages, with low sending limits.')
param mailDomain string = ''

@description('Set once the DNS records of your own mail domain are verified; before that it cannot be linked, and no mail is sent.')
param mailDomainVerified bool = false

@description('Mails a minute and an hour that the service takes of your own domain.')
param mailPerMinute string = '30'

@description('See mailPerMinute.')
param mailPerHour string = '100'

@description('For how many minutes mails that can wait are gathered for each person, 0 to 60; 0: each is sent by itself.')
param noticeBundleMinutes string = '0'

@description('The part of the sender address before the @. Anything but DoNotReply needs a mail domain of your own.')
param mailSender string = 'DoNotReply'

@description('Where the mail service keeps its data, for example Europe or United States. It cannot be changed later.')
param mailDataLocation string = 'Europe'

@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
@description('Redundancy of both storage accounts. Standard_LRS where the region has no zones; the G kinds copy data to another region.')
param storageRedundancy string = 'Standard_ZRS'

@description('Lock the storage account that holds eligibilities, requests and the audit against deletion. azd down fails while it is locked.')
param lockData bool = true

@minValue(30)
@maxValue(730)
@description('How long logs are kept, in days. The audit itself is in Table Storage and is not deleted.')
param logRetentionDays int = 90

@description('Told when the health route fails or a removal is past due. Empty: no availability test, no alert.')
param alertEmail string = ''

@allowed([512, 2048, 4096])
@description('Memory of an instance.')
param instanceMemoryMB int = 2048

@minValue(1)
@maxValue(1000)
@description('At most this many instances.')
param maximumInstanceCount int = 40

@minValue(0)
@description('Instances kept warm for HTTP. None costs nothing and makes the first call after a pause slow.')
param alwaysReadyHttp int = 0

@description('Object id of who may set the link signing keys: azd gives whoever deploys. Empty: nobody, assign the role yourself.')
param linkKeyOfficerId string = ''

@allowed(['User', 'Group', 'ServicePrincipal'])
@description('What linkKeyOfficerId is.')
param linkKeyOfficerType string = 'User'

var resourceToken = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identities 'app/identities.bicep' = {
  name: 'identities'
  scope: group
  params: {
    resourceToken: resourceToken
    location: location
    tags: tags
  }
}

module monitoring 'app/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    resourceToken: resourceToken
    location: location
    tags: tags
    retentionDays: logRetentionDays
    publisherPrincipalId: identities.outputs.runPrincipalId
  }
}

module storage 'app/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    resourceToken: resourceToken
    location: location
    tags: tags
    redundancy: storageRedundancy
    lockData: lockData
    workspaceId: monitoring.outputs.workspaceId
    runPrincipalId: identities.outputs.runPrincipalId
  }
}

module vault 'app/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    resourceToken: resourceToken
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    readerPrincipalId: identities.outputs.runPrincipalId
    officerId: linkKeyOfficerId
    officerType: linkKeyOfficerType
  }
}

module mail 'app/mail.bicep' = {
  name: 'mail'
  scope: group
  params: {
    resourceToken: resourceToken
    tags: tags
    dataLocation: mailDataLocation
    customDomain: mailDomain
    customDomainVerified: mailDomainVerified
    sender: mailSender
    senderPrincipalId: identities.outputs.runPrincipalId
  }
}

module api 'app/api.bicep' = {
  name: 'api'
  scope: group
  params: {
    resourceToken: resourceToken
    location: location
    tags: tags
    runIdentityId: identities.outputs.runId
    runIdentityClientId: identities.outputs.runClientId
    graphIdentityId: identities.outputs.graphId
    graphIdentityClientId: identities.outputs.graphClientId
    hostStorageName: storage.outputs.hostName
    packageContainer: storage.outputs.packageContainer
    dataTableUri: storage.outputs.dataTableUri
    componentName: monitoring.outputs.componentName
    linkKeysUri: vault.outputs.linkKeysUri
    mailEndpoint: mail.outputs.endpoint
    mailFrom: mail.outputs.fromAddress
    // What the service takes of a domain that Azure manages, and of one's own; a quota can be raised on request.
    mailPerMinute: empty(mailDomain) || !mailDomainVerified ? '5' : mailPerMinute
    mailPerHour: empty(mailDomain) || !mailDomainVerified ? '10' : mailPerHour
    noticeBundleMinutes: noticeBundleMinutes
    // The nil id fails closed: Entra issues no token for it.
    entraClientId: empty(entraClientId) ? '00000000-0000-0000-0000-000000000000' : entraClientId
    mfaAuthenticationContext: mfaAuthenticationContext
    breakGlassIds: breakGlassIds
    restoreRemoved: restoreRemoved
    settingsNeedTwo: settingsNeedTwo
    webhookAllowedHosts: webhookAllowedHosts
    digestTimeZone: digestTimeZone
    digestHour: digestHour
    tenantName: tenantName
    azureScopes: azureScopes
    publicUrl: publicUrl
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyHttp: alwaysReadyHttp
  }
}

module alert 'app/alert.bicep' = if (!empty(alertEmail)) {
  name: 'alert'
  scope: group
  params: {
    resourceToken: resourceToken
    location: location
    tags: tags
    componentName: monitoring.outputs.componentName
    publicUrl: api.outputs.publicUrl
    email: alertEmail
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = subscription().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_NAME string = api.outputs.name
output AZURE_FUNCTION_ID string = api.outputs.id
output AZURE_KEY_VAULT_NAME string = vault.outputs.name
output PUBLIC_URL string = api.outputs.publicUrl
output GRAPH_IDENTITY_PRINCIPAL_ID string = identities.outputs.graphPrincipalId
output MAIL_FROM string = mail.outputs.fromAddress
output MAIL_DNS_RECORDS object = mail.outputs.dnsRecords
