// Asks the health route from outside, and writes a mail when it fails or counts a removal that is past due.

@description('Unique part of the names.')
param resourceToken string
param location string
param tags object

@description('Application Insights, which keeps the results.')
param componentName string

@description('Address of the app.')
param publicUrl string

@description('Who is told.')
param email string

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource health 'Microsoft.Insights/webtests@2022-06-15' = {
  name: 'health-${resourceToken}'
  location: location
  tags: union(tags, { 'hidden-link:${component.id}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'health-${resourceToken}'
    Name: 'health-${resourceToken}'
    Kind: 'standard'
    Enabled: true
    Frequency: 300
    Timeout: 60
    RetryEnabled: true
    Locations: [
      { Id: 'emea-nl-ams-azr' }
      { Id: 'us-va-ash-azr' }
    ]
    Request: {
      RequestUrl: '${publicUrl}/api/health'
      HttpVerb: 'GET'
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      ContentValidation: {
        ContentMatch: '"pastDue":0'
        PassIfTextFound: true
        IgnoreCase: false
      }
    }
  }
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'people-${resourceToken}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'interim'
    enabled: true
    emailReceivers: [
      { name: 'operators', emailAddress: email, useCommonAlertSchema: true }
    ]
  }
}

resource unhealthy 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'unhealthy-${resourceToken}'
  location: 'global'
  tags: union(tags, { 'hidden-link:${component.id}': 'Resource', 'hidden-link:${health.id}': 'Resource' })
  properties: {
    description: 'Interim does not answer, or access has outlived its end: see docs/deploy.md, Monitoring.'
    severity: 1
    enabled: true
    scopes: [component.id, health.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: health.id
      componentId: component.id
      failedLocationCount: 2
    }
    actions: [
      { actionGroupId: people.id }
    ]
  }
}
