// The function app, on the Flex Consumption plan.

@description('Unique part of the names.')
param resourceToken string
param location string
param tags object

@description('The identity that the app runs under: storage, keys, telemetry, mail.')
param runIdentityId string
param runIdentityClientId string

@description('The identity that the app calls Microsoft Graph with.')
param graphIdentityId string
param graphIdentityClientId string

@description('Storage account of the host and of Durable Functions, and its container for the package.')
param hostStorageName string
param packageContainer string

@description('Table endpoint of the account that holds the truth.')
param dataTableUri string

@description('Application Insights.')
param componentName string

@description('Address of the secret with the link signing keys.')
param linkKeysUri string

param mailEndpoint string
param mailFrom string
param mailPerMinute string
param mailPerHour string
param noticeBundleMinutes string
param entraClientId string
param mfaAuthenticationContext string
param breakGlassIds string
param restoreRemoved string
param settingsNeedTwo string
param webhookAllowedHosts string
param digestTimeZone string
param digestHour int
param tenantName string
param azureScopes string

@description('Empty: the host name that Azure gives.')
param publicUrl string

param instanceMemoryMB int
param maximumInstanceCount int
param alwaysReadyHttp int

resource host 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: hostStorageName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${resourceToken}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-${resourceToken}'
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${runIdentityId}': {}
      '${graphIdentityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: runIdentityId
    publicNetworkAccess: 'Enabled'
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${host.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: runIdentityId
          }
        }
      }
      runtime: { name: 'node', version: '22' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyHttp > 0 ? [{ name: 'http', instanceCount: alwaysReadyHttp }] : []
      }
    }
  }
}

var address = empty(publicUrl) ? 'https://${app.properties.defaultHostName}' : publicUrl

// Exactly what src/config.ts and the host read: test/infra.test.ts holds the two together.
resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: {
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: runIdentityClientId
    AzureWebJobsStorage__blobServiceUri: host.properties.primaryEndpoints.blob
    AzureWebJobsStorage__queueServiceUri: host.properties.primaryEndpoints.queue
    AzureWebJobsStorage__tableServiceUri: host.properties.primaryEndpoints.table
    APPLICATIONINSIGHTS_CONNECTION_STRING: component.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${runIdentityClientId};Authorization=AAD'
    TASKHUB_NAME: 'interim'
    DATA_STORAGE__tableServiceUri: dataTableUri
    ENTRA_TENANT_ID: subscription().tenantId
    ENTRA_CLIENT_ID: entraClientId
    GRAPH_IDENTITY_CLIENT_ID: graphIdentityClientId
    MFA_AUTHENTICATION_CONTEXT: mfaAuthenticationContext
    BREAK_GLASS_IDS: breakGlassIds
    RESTORE_REMOVED: restoreRemoved
    SETTINGS_NEED_TWO: settingsNeedTwo
    WEBHOOK_ALLOWED_HOSTS: webhookAllowedHosts
    DIGEST_TIME_ZONE: digestTimeZone
    DIGEST_HOUR: string(digestHour)
    TENANT_NAME: tenantName
    AZURE_SCOPES: azureScopes
    MAIL_ENDPOINT: mailEndpoint
    MAIL_FROM: mailFrom
    MAIL_PER_MINUTE: mailPerMinute
    MAIL_PER_HOUR: mailPerHour
    NOTICE_BUNDLE_MINUTES: noticeBundleMinutes
    LINK_SIGNING_KEYS: '@Microsoft.KeyVault(SecretUri=${linkKeysUri})'
    PUBLIC_URL: address
  }
}

// Deployment is by token only, never by a publishing password.
resource scmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

resource ftpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

output id string = app.id
output name string = app.name
output publicUrl string = address
