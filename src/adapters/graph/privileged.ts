/**
 * Built-in roles that are not privileged although they administer something. Where Graph does not say (v1.0 leaves the
 * label out), every other role counts as privileged, custom ones included: a mistake then costs a sign-in, not a tenant.
 */
const NOT_PRIVILEGED = new Set([
  '29232cdf-9323-42fd-ade2-1d097af3e4de', // Exchange Administrator
  'f28a1f50-f6e7-4571-818b-6a12f2af6b6c', // SharePoint Administrator
  '69091246-20e8-4a56-aa4d-066075b2a7a8', // Teams Administrator
  'fdd7a751-b60b-444a-984c-02652fe8fa1c', // Groups Administrator
  '4d6ac14f-3453-41d0-bef9-a3e0c569773a', // License Administrator
  '4a5d8f65-41da-4de4-8968-e035b65339cf', // Reports Reader
  '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b', // Message Center Reader
  '75941009-915a-4869-abe7-691bff18279e', // Skype for Business Administrator
  '88d8e3e3-8f55-4a1e-953a-9b9898b8876b', // Directory Readers
])

export const isPrivileged = (roleDefinitionId: string, isBuiltIn: boolean) =>
  !isBuiltIn || !NOT_PRIVILEGED.has(roleDefinitionId)
