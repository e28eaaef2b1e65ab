import type { RoleDefinition } from './directory/model.ts'

const builtIn = (
  id: string,
  displayName: string,
  description: string,
  isPrivileged: boolean,
  scopes: RoleDefinition['scopes'] = [],
): RoleDefinition => ({
  id,
  templateId: id,
  displayName,
  description,
  isBuiltIn: true,
  isEnabled: true,
  isPrivileged,
  scopes,
})

/** Entra's own template ids: the same in every tenant of the world. */
export const roles = {
  globalAdministrator: builtIn(
    '62e90394-69f5-4237-9190-012177145e10',
    'Global Administrator',
    'Can manage all aspects of Microsoft Entra ID and Microsoft services that use Microsoft Entra identities.',
    true,
  ),
  privilegedRoleAdministrator: builtIn(
    'e8611ab8-c189-46e8-94e1-60213ab1f814',
    'Privileged Role Administrator',
    'Can manage role assignments in Microsoft Entra ID, and all aspects of Privileged Identity Management.',
    true,
  ),
  securityAdministrator: builtIn(
    '194ae4cb-b126-40b2-bd5b-6091b380977d',
    'Security Administrator',
    'Can read security information and reports, and manage configuration in Microsoft Entra ID and Office 365.',
    true,
  ),
  securityReader: builtIn(
    '5d6b6bb7-de71-4623-b4af-96380a352509',
    'Security Reader',
    'Can read security information and reports in Microsoft Entra ID and Office 365.',
    true,
  ),
  globalReader: builtIn(
    'f2ef992c-3afb-46b9-b7cf-a126ee74c451',
    'Global Reader',
    'Can read everything that a Global Administrator can, but not update anything.',
    true,
  ),
  userAdministrator: builtIn(
    'fe930be7-5e62-47db-91af-98c3a49a38b1',
    'User Administrator',
    'Can manage all aspects of users and groups, including resetting passwords for limited admins.',
    true,
    ['administrativeUnit'],
  ),
  helpdeskAdministrator: builtIn(
    '729827e3-9c14-49f7-bb1b-9608f156bbb8',
    'Helpdesk Administrator',
    'Can reset passwords for non-administrators and Helpdesk Administrators.',
    true,
    ['administrativeUnit'],
  ),
  exchangeAdministrator: builtIn(
    '29232cdf-9323-42fd-ade2-1d097af3e4de',
    'Exchange Administrator',
    'Can manage all aspects of the Exchange product.',
    false,
  ),
  applicationAdministrator: builtIn(
    '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
    'Application Administrator',
    'Can create and manage all aspects of app registrations and enterprise apps.',
    true,
    ['object'],
  ),
  conditionalAccessAdministrator: builtIn(
    'b1be1c3e-b65d-4f19-8427-f6fa0d97feb9',
    'Conditional Access Administrator',
    'Can manage Conditional Access capabilities.',
    true,
  ),
  intuneAdministrator: builtIn(
    '3a2c62db-5318-420d-8d74-23affee5d9d5',
    'Intune Administrator',
    'Can manage all aspects of the Intune product.',
    true,
  ),
  groupsAdministrator: builtIn(
    'fdd7a751-b60b-444a-984c-02652fe8fa1c',
    'Groups Administrator',
    'Can create and manage groups, group settings and group reports.',
    false,
    ['administrativeUnit', 'object'],
  ),
  identityGovernanceAdministrator: builtIn(
    '45d8d3c5-c802-45c6-b32a-1d70b5e1e86e',
    'Identity Governance Administrator',
    'Manage access using Microsoft Entra ID for identity governance scenarios.',
    true,
  ),
  directoryWriters: builtIn(
    '9360feb5-f418-4baa-8175-e2a00bac4301',
    'Directory Writers',
    'Can read and write basic directory information. For granting access to applications.',
    true,
  ),
  reportsReader: builtIn(
    '4a5d8f65-41da-4de4-8968-e035b65339cf',
    'Reports Reader',
    'Can read sign-in and audit reports.',
    false,
  ),
  messageCenterReader: builtIn(
    '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b',
    'Message Center Reader',
    'Can read messages and updates for their organization in the Office 365 Message Center only.',
    false,
  ),
  /** Contoso's own. */
  printerCustodian: {
    ...builtIn(
      '55555555-0000-4000-8000-000000000001',
      'Printer Custodian',
      'Looks after the printers.',
      false,
      ['administrativeUnit', 'object'],
    ),
    isBuiltIn: false,
  },
} satisfies Record<string, RoleDefinition>
