import type { AdministrativeUnit, Group, Link, Person, ServicePrincipal } from './directory/model.ts'
import { roles } from './seed-roles.ts'

/** Everything here is constant, so that tests, scripts and the README can name it. None of it is a secret. */
export const TENANT_ID = 'aaaaaaaa-0000-4000-8000-00000000c0de'
export const CLIENT_ID = 'aaaaaaaa-0000-4000-8000-00000000c11d'
export const CLIENT_SECRET = 'interim-local-client-secret'
export const MAIL_FROM = 'interim@contoso.example'
export const MAIL_KEY = Buffer.from('the access key of a simulated mail service').toString('base64')
export const GRAPH = 'https://graph.microsoft.com'
export const AUTHENTICATION_CONTEXT = 'c1'

export { roles }

const since = '2024-01-08T09:00:00Z'
const id = (kind: string, n: number) => `${kind.repeat(8)}-0000-4000-8000-${`${n}`.padStart(12, '0')}`

function person(
  n: number,
  short: string,
  displayName: string,
  jobTitle: string,
  more: Partial<Person> = {},
): Person {
  const [givenName = '', ...rest] = displayName.split(' ')
  const mail = `${short}@contoso.example`
  return {
    id: id('1', n),
    short,
    displayName,
    givenName,
    surname: rest.join(' '),
    userPrincipalName: mail,
    mail,
    jobTitle,
    department: 'Technology',
    accountEnabled: true,
    userType: 'Member',
    createdDateTime: since,
    ...more,
  }
}

const grace = id('1', 2)
const alan = id('1', 5)

export const people = {
  ada: person(1, 'ada', 'Ada Lovelace', 'Engineer', { managerId: grace }),
  grace: person(2, 'grace', 'Grace Hopper', 'Head of Engineering', { managerId: alan }),
  linus: person(3, 'linus', 'Linus Pauling', 'Platform Lead', { managerId: grace }),
  margaret: person(4, 'margaret', 'Margaret Hamilton', 'Software Lead', { managerId: grace }),
  alan: person(5, 'alan', 'Alan Turing', 'Global Administrator'),
  katherine: person(6, 'katherine', 'Katherine Johnson', 'Privileged Role Administrator', {
    managerId: alan,
  }),
  dorothy: person(7, 'dorothy', 'Dorothy Vaughan', 'Auditor (Global Reader)', { managerId: alan }),
  edsger: person(8, 'edsger', 'Edsger Dijkstra', 'Security Analyst (Security Reader)', { managerId: alan }),
  barbara: person(9, 'barbara', 'Barbara McClintock', 'Site Reliability Engineer', { managerId: grace }),
  mallory: person(10, 'mallory', 'Mallory Malone', 'Temp, with no rights at all'),
  ken: person(11, 'ken', 'Ken Iverson', 'Left the company', { accountEnabled: false }),
  gina: person(12, 'gina', 'Gina Guest', 'Consultant', {
    userType: 'Guest',
    userPrincipalName: 'gina_fabrikam.example#EXT#@contoso.example',
  }),
  breakglass1: person(13, 'breakglass1', 'Break Glass 1', 'Emergency account'),
  breakglass2: person(14, 'breakglass2', 'Break Glass 2', 'Emergency account'),
  radia: person(15, 'radia', 'Radia Nord', 'On-call engineer', { managerId: id('1', 9) }),
} satisfies Record<string, Person>

function group(
  n: number,
  short: string,
  displayName: string,
  description: string,
  more: Partial<Group> = {},
): Group {
  return {
    id: id('2', n),
    short,
    displayName,
    description,
    createdDateTime: since,
    groupTypes: [],
    securityEnabled: true,
    mailEnabled: false,
    mailNickname: short,
    isAssignableToRole: false,
    isManagementRestricted: false,
    onPremisesSyncEnabled: null,
    membershipRule: null,
    visibility: null,
    ...more,
  }
}

export const groups = {
  roleApprovers: group(1, 'role-approvers', 'Role Approvers', 'Approves activations of directory roles.'),
  sre: group(2, 'sre', 'Site Reliability', 'Keeps the sites up.'),
  sreOncall: group(3, 'sre-oncall', 'Site Reliability On-Call', 'Whoever carries the pager.'),
  allStaff: group(4, 'all-staff', 'All Staff', 'Everybody who works here.'),
  tierZero: group(5, 'tier-zero', 'Tier Zero Operators', 'May be assigned directory roles.', {
    isAssignableToRole: true,
    visibility: 'Private',
  }),
  dynamicDevices: group(6, 'dynamic', 'Dynamic Engineers', 'Membership follows a rule.', {
    groupTypes: ['DynamicMembership'],
    membershipRule: 'user.department -eq "Technology"',
  }),
  synced: group(7, 'synced', 'Synced From On-Premises', 'Mastered elsewhere.', {
    onPremisesSyncEnabled: true,
  }),
  payroll: group(8, 'payroll', 'Payroll Access', 'Opens the payroll application.', { visibility: 'Private' }),
  launchTeam: group(9, 'launch-team', 'Launch Team', 'A Microsoft 365 group, with a mailbox of its own.', {
    groupTypes: ['Unified'],
    securityEnabled: false,
    mailEnabled: true,
    visibility: 'Private',
  }),
  mailSecurity: group(10, 'mail-security', 'Branch Keys', 'A mail-enabled security group.', {
    mailEnabled: true,
  }),
  newsletter: group(11, 'newsletter', 'Newsletter', 'A distribution list.', {
    securityEnabled: false,
    mailEnabled: true,
  }),
  restricted: group(12, 'restricted', 'Executive Devices', 'In a restricted management unit.', {
    isManagementRestricted: true,
  }),
  archive: group(13, 'archive', 'Archive Readers', 'Nobody owns it.'),
} satisfies Record<string, Group>

export const servicePrincipals = {
  interim: {
    id: id('3', 1),
    short: 'interim',
    appId: CLIENT_ID,
    displayName: 'Interim',
    servicePrincipalType: 'Application',
    accountEnabled: true,
    permissions: [
      'RoleManagement.ReadWrite.Directory',
      'User.Read.All',
      'GroupMember.Read.All',
      'Application.Read.All',
      'AdministrativeUnit.Read.All',
      'GroupMember.ReadWrite.All',
      'Group.ReadWrite.All',
    ],
  },
  deployer: {
    id: id('3', 2),
    short: 'deployer',
    appId: id('a', 2),
    displayName: 'Contoso Deployer',
    servicePrincipalType: 'ManagedIdentity',
    accountEnabled: true,
    permissions: [],
  },
  reporting: {
    id: id('3', 3),
    short: 'reporting',
    appId: id('a', 3),
    displayName: 'Contoso Reporting',
    servicePrincipalType: 'Application',
    accountEnabled: true,
    permissions: ['User.Read.All', 'Policy.Read.ConditionalAccess'],
  },
} satisfies Record<string, ServicePrincipal>

export const administrativeUnits = {
  stockholm: {
    id: id('4', 1),
    short: 'stockholm',
    displayName: 'Stockholm',
    description: 'The Stockholm office.',
  },
} satisfies Record<string, AdministrativeUnit>

const inside = (to: Group, ...members: { id: string }[]) =>
  members.map((m): Link => ({ kind: 'members', groupId: to.id, objectId: m.id }))
const owns = (owner: { id: string }, of: Group): Link => ({
  kind: 'owners',
  groupId: of.id,
  objectId: owner.id,
})

const { ken: _left, gina: _guest, breakglass1: _one, breakglass2: _two, ...staff } = people

export const links: Link[] = [
  ...inside(groups.roleApprovers, people.grace, people.linus, people.margaret),
  ...inside(groups.sre, people.barbara, groups.sreOncall),
  ...inside(groups.sreOncall, people.radia),
  ...inside(groups.allStaff, ...Object.values(staff)),
  ...inside(groups.dynamicDevices, people.ada),
  owns(people.grace, groups.roleApprovers),
  owns(people.grace, groups.sre),
  owns(people.barbara, groups.sre),
  owns(people.barbara, groups.sreOncall),
  owns(people.alan, groups.tierZero),
  owns(people.grace, groups.payroll),
  owns(people.linus, groups.launchTeam),
  ...inside(groups.launchTeam, people.linus),
  ...inside(groups.mailSecurity, people.linus),
  ...inside(groups.newsletter, people.linus),
  owns(people.alan, groups.restricted),
]

/** Who holds what for good, in the whole tenant. */
export const standing = [
  { principal: people.alan, role: roles.globalAdministrator },
  { principal: people.katherine, role: roles.privilegedRoleAdministrator },
  { principal: people.dorothy, role: roles.globalReader },
  { principal: people.edsger, role: roles.securityReader },
  { principal: people.breakglass1, role: roles.globalAdministrator },
  { principal: people.breakglass2, role: roles.globalAdministrator },
]
