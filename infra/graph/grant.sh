#!/bin/sh
# The same as main.bicep, with the Azure CLI alone, for who may change the directory but deploys nothing in Azure.
# Safe to repeat. Needs: az login as a Privileged Role Administrator.
#
#   infra/graph/grant.sh <environment> <PUBLIC_URL> <GRAPH_IDENTITY_PRINCIPAL_ID>
set -eu

[ $# -eq 3 ] || { sed -n '2,5p' "$0"; exit 2; }
environment=$1 url=${2%/} identity=$3
graph=https://graph.microsoft.com/v1.0
name=interim-$environment
tenant=$(az account show --query tenantId --output tsv)
body=$(mktemp)
trap 'rm -f "$body"' EXIT

send() { # method, address; the body is in $body
  az rest --only-show-errors --output none --method "$1" --uri "$2" --body "@$body" \
    --headers Content-Type=application/json Prefer=create-if-missing
}

# The app registration. A scope keeps its id: one that is enabled cannot be replaced.
scope=$(az rest --only-show-errors --method GET --uri "$graph/applications(uniqueName='$name')" \
  --query "api.oauth2PermissionScopes[?value=='access_as_user'].id | [0]" --output tsv 2>/dev/null || true)
[ -n "$scope" ] ||
  scope=$(openssl rand -hex 16 | sed -E 's/(.{8})(.{4}).(.{3}).(.{3})(.{12})/\1-\2-4\3-8\4-\5/')
cat >"$body" <<JSON
{
  "displayName": "Interim ($environment)",
  "description": "Privileged access, for now.",
  "signInAudience": "AzureADMyOrg",
  "identifierUris": ["api://$tenant/$name"],
  "api": {
    "requestedAccessTokenVersion": 2,
    "oauth2PermissionScopes": [
      {
        "id": "$scope",
        "value": "access_as_user",
        "type": "User",
        "isEnabled": true,
        "adminConsentDisplayName": "Ask for privileged access",
        "adminConsentDescription": "Lets a program call Interim in the name of the person who has signed in.",
        "userConsentDisplayName": "Ask for privileged access",
        "userConsentDescription": "Lets this program call Interim in your name."
      }
    ]
  },
  "optionalClaims": {
    "accessToken": [
      { "name": "acrs", "essential": false },
      { "name": "xms_cc", "essential": false },
      { "name": "idtyp", "essential": false }
    ]
  },
  "publicClient": { "redirectUris": ["$url/api/sign-in/callback"] }
}
JSON
send PATCH "$graph/applications(uniqueName='$name')"
client=$(az rest --method GET --uri "$graph/applications(uniqueName='$name')" --query appId --output tsv)

echo '{}' >"$body"
send PATCH "$graph/servicePrincipals(appId='$client')"
principal=$(az rest --method GET --uri "$graph/servicePrincipals(appId='$client')" --query id --output tsv)
resource=$(az rest --method GET --uri "$graph/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')" --query id --output tsv)

# Approvers who follow a mailed link sign in without being asked for consent.
consent=$(az rest --method GET --uri "$graph/servicePrincipals/$principal/oauth2PermissionGrants" \
  --query "value[?resourceId=='$resource' && consentType=='AllPrincipals'].id | [0]" --output tsv)
if [ -z "$consent" ]; then
  cat >"$body" <<JSON
{ "clientId": "$principal", "consentType": "AllPrincipals", "resourceId": "$resource", "scope": "openid profile" }
JSON
  send POST "$graph/oauth2PermissionGrants"
fi

# The identity's application permissions. The first of them is tier 0.
for permission in RoleManagement.ReadWrite.Directory User.Read.All GroupMember.Read.All Application.Read.All AdministrativeUnit.Read.All; do
  role=$(az rest --method GET --uri "$graph/servicePrincipals/$resource?\$select=appRoles" \
    --query "appRoles[?value=='$permission'].id | [0]" --output tsv)
  held=$(az rest --method GET --uri "$graph/servicePrincipals/$identity/appRoleAssignments" \
    --query "value[?appRoleId=='$role'].id | [0]" --output tsv)
  [ -z "$held" ] || continue
  cat >"$body" <<JSON
{ "principalId": "$identity", "resourceId": "$resource", "appRoleId": "$role" }
JSON
  send POST "$graph/servicePrincipals/$identity/appRoleAssignments"
done

echo "ENTRA_CLIENT_ID=$client"
echo "API_SCOPE=$client/access_as_user"
