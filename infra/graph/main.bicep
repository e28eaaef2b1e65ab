// What Interim needs in Microsoft Entra: the app registration of its API, and the application permissions of its Graph
// identity. Deployed by itself, by a Privileged Role Administrator: docs/deploy.md. Without Bicep: grant.sh.
//
// RoleManagement.ReadWrite.Directory can give anyone any role, Global Administrator included. From here on the app, its
// resource group and whoever may deploy to it are tier 0.

extension microsoftGraphV1

@minLength(1)
@description('Name of the azd environment.')
param environmentName string

@description('Output PUBLIC_URL of ../main.bicep: where sign-in comes back to.')
param publicUrl string

@description('Output GRAPH_IDENTITY_PRINCIPAL_ID of ../main.bicep.')
param graphIdentityPrincipalId string

@description('Client ids of programs whose users need not be asked before they call the API. Empty: consent is asked.')
param preAuthorizedClientIds string[] = []

var uniqueName = 'interim-${environmentName}'
var scopeId = guid(uniqueName, 'access_as_user')

// To read who somebody is, groups, applications and what administrative units are called; and to assign and remove directory
// roles. Nothing else.
var permissions = [
  'RoleManagement.ReadWrite.Directory'
  'User.Read.All'
  'GroupMember.Read.All'
  'Application.Read.All'
  'AdministrativeUnit.Read.All'
]

resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: '00000003-0000-0000-c000-000000000000'
}

resource app 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: 'Interim (${environmentName})'
  description: 'Privileged access, for now.'
  signInAudience: 'AzureADMyOrg'
  identifierUris: ['api://${tenant().tenantId}/${uniqueName}']
  api: {
    requestedAccessTokenVersion: 2
    oauth2PermissionScopes: [
      {
        id: scopeId
        value: 'access_as_user'
        type: 'User'
        isEnabled: true
        adminConsentDisplayName: 'Ask for privileged access'
        adminConsentDescription: 'Lets a program call Interim in the name of the person who has signed in.'
        userConsentDisplayName: 'Ask for privileged access'
        userConsentDescription: 'Lets this program call Interim in your name.'
      }
    ]
    preAuthorizedApplications: [
      for clientId in preAuthorizedClientIds: {
        appId: clientId
        delegatedPermissionIds: [scopeId]
      }
    ]
  }
  // The contexts that sign-in satisfied, whether the client can answer a claims challenge, and whether it is a person.
  optionalClaims: {
    accessToken: [
      { name: 'acrs', essential: false }
      { name: 'xms_cc', essential: false }
      { name: 'idtyp', essential: false }
    ]
  }
  // A public client: the pages sign in with PKCE and no secret. Under `web` the token endpoint would demand one.
  publicClient: {
    redirectUris: ['${publicUrl}/api/sign-in/callback']
  }
}

resource principal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: app.appId
}

// Approvers who follow a mailed link sign in without being asked for consent.
resource signIn 'Microsoft.Graph/oauth2PermissionGrants@v1.0' = {
  clientId: principal.id
  resourceId: graph.id
  consentType: 'AllPrincipals'
  scope: 'openid profile'
}

resource granted 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [
  for permission in permissions: {
    appRoleId: filter(graph.appRoles, role => role.value == permission)[0].id
    principalId: graphIdentityPrincipalId
    resourceId: graph.id
  }
]

output ENTRA_CLIENT_ID string = app.appId
output API_SCOPE string = '${app.appId}/access_as_user'
