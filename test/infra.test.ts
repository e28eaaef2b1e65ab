import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { servicePrincipals } from '../local/tenant/seed.ts'
import { loadConfig } from '../src/config.ts'
import {
  type Declaration,
  entriesOf,
  faultsOf,
  hasDefault,
  plainText,
  readTemplate,
  type Template,
} from './infra/bicep.ts'

// What can be held to account without a compiler and without Azure. The compiler has the last word: docs/deploy.md.

/** Built-in roles by their ids: a digit mistyped is another role, or none. */
const ROLES: Record<string, string> = {
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb',
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  keyVaultSecretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
  communicationAndEmailServiceOwner: '09976791-48a7-449e-bb21-39d1a415f350',
}
const MICROSOFT_GRAPH = '00000003-0000-0000-c000-000000000000'
const NIL = '00000000-0000-0000-0000-000000000000'

/** Settings that the Functions host reads, and we do not. */
const HOST_SETTINGS = [
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__blobServiceUri',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
]

const read = (path: string) => readFileSync(path, 'utf8')
const paths = readdirSync('infra', { recursive: true, encoding: 'utf8' })
  .map((path) => join('infra', path))
  .filter((path) => path.endsWith('.bicep'))
const templates = new Map(paths.map((path) => [path, readTemplate(read(path))]))
const template = (path: string) => templates.get(path) as Template
const resources = [...templates].flatMap(([path, { declarations }]) =>
  declarations
    .filter(({ kind }) => kind === 'resource')
    .map((resource) => ({ path, ...resource, type: (resource.target ?? '').split('@')[0] as string })),
)
const created = resources.filter(({ tokens }) => tokens[1]?.text !== 'existing')
const ofType = (type: string) => created.filter((resource) => resource.type === type)
const only = (type: string): Declaration => {
  const [first, ...more] = ofType(type)
  if (!first || more.length > 0) throw new Error(`not one ${type}`)
  return first
}
const property = (resource: Declaration, ...keys: string[]) =>
  keys.reduce((tokens, key) => entriesOf(tokens).get(key) ?? [], resource.tokens)
const words = (resource: Declaration, ...keys: string[]) => plainText(property(resource, ...keys))

const settings = only('Microsoft.Web/sites/config')
const settingNames = [...entriesOf(property(settings, 'properties')).keys()]

describe('the reader finds', () => {
  const faults = (source: string, other = '') =>
    faultsOf(readTemplate(source), (path) => (path === 'other.bicep' ? readTemplate(other) : undefined))

  test.each([
    ['a brace that is open', "var a = {\n  b: 'c'\n"],
    ['a bracket that closes a brace', 'var a = {\n]\n'],
    ['a quote that is open', "var a = 'b\n"],
    ['an insertion that is open', "var a = 'b\u0024{c'\n"],
  ])('%s', (_what, source) => {
    expect(() => readTemplate(source)).toThrow(/line 1|line 2/)
  })

  test.each([
    ['a name that is not declared', 'output a string = b', 'line 1: b is not declared'],
    ['the same within a text', "output a string = 'x\u0024{b}'", 'line 1: b is not declared'],
    ['the same after a question', "output a string = true ? b : ''", 'line 1: b is not declared'],
    ['a parameter that is not used', 'param a string', 'line 1: a is not used'],
    [
      'a key that only looks like a use',
      'param a string\noutput b object = { a: 1 }',
      'line 1: a is not used',
    ],
    [
      'a member that only looks like a use',
      'param a string\noutput b string = subscription().a',
      'line 1: a is not used',
    ],
    [
      'a function that does not exist',
      "output a string = tolower('A')",
      'line 1: there is no function tolower',
    ],
    ['two of a name', 'var a = 1\nvar a = 2\noutput b int = a', 'line 1: a is declared twice'],
    ['a module that is not there', "module a 'b.bicep' = {\n}", 'line 1: there is no b.bicep'],
  ])('%s', (_what, source, fault) => {
    expect(faults(source)).toContain(fault)
  })

  test.each([
    ['lacks a parameter', 'params: {}', 'line 1: a lacks b'],
    ['gives one too many', 'params: { b: 1, c: 2 }', 'line 1: a takes no c'],
    ['is asked for what it does not give', 'params: { b: 1 }', 'line 4: a gives no e'],
  ])('a module that %s', (_what, params, fault) => {
    const source = `module a 'other.bicep' = {\n  ${params}\n}\noutput d string = a.outputs.e`
    expect(faults(source, 'param b int\noutput f int = b')).toContain(fault)
  })
})

test('there are templates, and all resources are seen', () => {
  expect(paths.length).toBeGreaterThanOrEqual(9)
  expect(created.length).toBeGreaterThanOrEqual(30)
})

test.each(paths)('%s is well formed', (path) => {
  const resolve = (target: string) => templates.get(join(dirname(path), target))
  expect(faultsOf(template(path), resolve)).toEqual([])
})

test('every template is reached, and has its extension configured', () => {
  const modules = [...templates].flatMap(([path, { declarations }]) =>
    declarations.flatMap(({ kind, target }) =>
      kind === 'module' && target ? [join(dirname(path), target)] : [],
    ),
  )
  const roots = [join('infra', 'main.bicep'), join('infra', 'graph', 'main.bicep')]
  expect([...new Set([...modules, ...roots])].sort()).toEqual([...paths].sort())
  const configured = Object.keys(JSON.parse(read('bicepconfig.json')).extensions)
  for (const { extensions } of templates.values())
    for (const name of extensions) expect(configured).toContain(name)
})

test('every resource has a pinned version', () => {
  for (const { path, name, target } of resources)
    expect(target, `${path} ${name}`).toMatch(
      /^Microsoft(\.\w+)+(\/\w+)+@(\d{4}-\d\d-\d\d(-preview)?|v1\.0)$/,
    )
})

test('main.parameters.json sets parameters that exist, and all that must be set', () => {
  const given = Object.keys(JSON.parse(read('infra/main.parameters.json')).parameters)
  const params = template(join('infra', 'main.bicep')).declarations.filter(({ kind }) => kind === 'param')
  expect(params.map(({ name }) => name)).toEqual(expect.arrayContaining(given))
  const required = params.filter((param) => !hasDefault(param)).map(({ name }) => name)
  expect(given).toEqual(expect.arrayContaining(required))
})

test('what is a setting of an environment can be set in one, and is explained', () => {
  const { parameters } = JSON.parse(read('infra/main.parameters.json'))
  const names = template(join('infra', 'main.bicep')).declarations.flatMap(({ kind, name }) =>
    kind === 'param' ? [name] : [],
  )
  const sizes = ['logRetentionDays', 'instanceMemoryMB', 'maximumInstanceCount', 'alwaysReadyHttp']
  expect([...Object.keys(parameters), ...sizes].sort()).toEqual([...names].sort())
  const variables = [...read('infra/main.parameters.json').matchAll(/\$\{(\w+)/g)].map(([, name]) => name)
  for (const name of variables.filter((each) => !each?.startsWith('AZURE_') || each === 'AZURE_SCOPES'))
    expect(read('docs/deploy.md')).toContain(`\`${name}\``)
})

test('what whoever deploys sets is described', () => {
  for (const path of [join('infra', 'main.bicep'), join('infra', 'graph', 'main.bicep')])
    for (const { kind, name, decorators } of template(path).declarations)
      if (kind === 'param') expect(decorators, name).toContain('description')
})

test('azure.yaml points at what is there', () => {
  const scripts = [...read('azure.yaml').matchAll(/run: (\S+)/g)].map(([, path]) => path as string)
  expect(scripts.length).toBeGreaterThan(0)
  for (const path of scripts) expect(existsSync(path), path).toBe(true)
  const service = /services:\n {2}(\w+):/.exec(read('azure.yaml'))?.[1]
  const site = only('Microsoft.Web/sites')
  expect(property(site, 'tags').map(({ text }) => text)).toEqual(
    expect.arrayContaining(['azd-service-name', service]),
  )
})

describe('settings', () => {
  const source = read('src/config.ts')
  const known = [...source.matchAll(/^ {4}(\w+): /gm)].map(([, name]) => name as string)
  const fromHostJson = [...read('host.json').matchAll(/"%(\w+)%"/g)].map(([, name]) => name as string)
  /** As Azure would fill them in. */
  const filled: Record<string, string> = Object.fromEntries(
    settingNames.map((name) => [name, `https://${name.toLowerCase().replaceAll('_', '-')}.example/`]),
  )
  Object.assign(filled, {
    ENTRA_TENANT_ID: 'dddddddd-0000-4000-8000-000000000000',
    ENTRA_CLIENT_ID: NIL,
    MFA_AUTHENTICATION_CONTEXT: '',
    BREAK_GLASS_IDS: '',
    RESTORE_REMOVED: 'true',
    SETTINGS_NEED_TWO: 'true',
    WEBHOOK_ALLOWED_HOSTS: '',
    DIGEST_TIME_ZONE: 'Europe/Berlin',
    DIGEST_HOUR: '8',
    AZURE_SCOPES: '',
    MAIL_FROM: 'DoNotReply@example.com',
    MAIL_PER_MINUTE: '5',
    MAIL_PER_HOUR: '10',
    NOTICE_BUNDLE_MINUTES: '0',
    LINK_SIGNING_KEYS: `${'a'.repeat(64)},${'b'.repeat(64)}`,
  })

  test('leave none of the app without a way to set it, but what is another way to say the same, and other clouds', () => {
    const not = ['AzureWebJobsStorage', 'DATA_STORAGE', 'MAIL_CONNECTION', 'ENTRA_CLIENT_SECRET']
    const elsewhere = ['ENTRA_AUTHORITY', 'GRAPH_URL', 'ARM_URL', 'ENTRA_SCOPE', 'WEBSITE_HOSTNAME']
    const read = known.filter((name) => /^[A-Z]/.test(name))
    expect([...settingNames, ...not, ...elsewhere]).toEqual(expect.arrayContaining(read))
  })

  test('are those that the app or the host reads, and no others', () => {
    expect(known.length).toBeGreaterThanOrEqual(20)
    for (const name of settingNames) expect([...known, ...HOST_SETTINGS, ...fromHostJson]).toContain(name)
  })

  test('are all that host.json and every trigger ask for', () => {
    expect(fromHostJson).toContain('TASKHUB_NAME')
    expect(settingNames).toEqual(expect.arrayContaining([...fromHostJson, ...HOST_SETTINGS]))
    for (const service of ['blob', 'queue', 'table'])
      expect(settingNames).toContain(`AzureWebJobsStorage__${service}ServiceUri`)
  })

  test('let the app start, before the app registration is there too', () => {
    const config = loadConfig(filled)
    expect(config.linkKeys).toHaveLength(2)
    expect(config.storage).toMatchObject({
      connectionString: undefined,
      queueConnectionString: undefined,
      tableUrl: filled.DATA_STORAGE__tableServiceUri,
      identityClientId: filled.AzureWebJobsStorage__clientId,
    })
    expect(config.graph.identityClientId).toBe(filled.GRAPH_IDENTITY_CLIENT_ID)
    expect(config.mail).toMatchObject({ connectionString: undefined, url: filled.MAIL_ENDPOINT })
  })

  test.each([
    'ENTRA_TENANT_ID',
    'ENTRA_CLIENT_ID',
    'AzureWebJobsStorage__tableServiceUri',
    'MAIL_ENDPOINT',
    'MAIL_FROM',
    'LINK_SIGNING_KEYS',
    'PUBLIC_URL',
  ])('are needed: without %s it would not', (name) => {
    expect(settingNames).toContain(name)
    expect(() => loadConfig({ ...filled, [name]: undefined })).toThrow(/cannot start/)
  })

  test.each<[string, string[]]>([
    ['', []],
    [' , ', []],
    [
      '/providers/Microsoft.Management/managementGroups/Contoso, /subscriptions/66666666-0000-4000-8000-00000000000A/',
      [
        '/providers/microsoft.management/managementgroups/contoso',
        '/subscriptions/66666666-0000-4000-8000-00000000000a',
      ],
    ],
  ])('name what Interim governs in Azure: %j', (AZURE_SCOPES, scopes) => {
    expect(loadConfig({ ...filled, AZURE_SCOPES }).azure.scopes).toEqual(scopes)
  })

  test.each([
    'contoso',
    '66666666-0000-4000-8000-000000000001',
    '/',
    '/subscriptions/x',
    '/subscriptions/66666666-0000-4000-8000-000000000001/resourceGroups/data',
    '/providers/Microsoft.Management/managementGroups/contoso;/subscriptions/x',
  ])('do not take %j for a scope that Interim could govern', (AZURE_SCOPES) => {
    expect(() => loadConfig({ ...filled, AZURE_SCOPES })).toThrow(/AZURE_SCOPES: must be management groups/)
  })

  test('hold no secret, only a reference to one', () => {
    for (const secret of ['ENTRA_CLIENT_SECRET', 'MAIL_CONNECTION', 'AzureWebJobsStorage', 'DATA_STORAGE'])
      expect(settingNames).not.toContain(secret)
    const [first] = entriesOf(property(settings, 'properties')).get('LINK_SIGNING_KEYS')?.slice(1) ?? []
    expect(first?.text).toBe('@Microsoft.KeyVault(SecretUri=')
  })
})

describe('secure by default', () => {
  test('no account keys, no public blobs, TLS 1.2 at least', () => {
    const accounts = ofType('Microsoft.Storage/storageAccounts')
    expect(accounts).toHaveLength(2)
    for (const account of accounts) {
      expect(words(account, 'properties', 'allowSharedKeyAccess')).toBe('false')
      expect(words(account, 'properties', 'allowBlobPublicAccess')).toBe('false')
      expect(words(account, 'properties', 'supportsHttpsTrafficOnly')).toBe('true')
      expect(words(account, 'properties', 'minimumTlsVersion')).toBe('TLS1_2')
    }
  })

  test('no local authentication at telemetry and mail', () => {
    const component = only('Microsoft.Insights/components')
    const mail = only('Microsoft.Communication/communicationServices')
    expect(words(component, 'properties', 'DisableLocalAuth')).toBe('true')
    expect(words(mail, 'properties', 'disableLocalAuth')).toBe('true')
  })

  test('no plain HTTP and no publishing password at the app', () => {
    const site = only('Microsoft.Web/sites')
    expect(words(site, 'properties', 'httpsOnly')).toBe('true')
    expect(words(site, 'properties', 'siteConfig', 'minTlsVersion')).toBe('1.2')
    expect(words(site, 'properties', 'siteConfig', 'ftpsState')).toBe('Disabled')
    const policies = ofType('Microsoft.Web/sites/basicPublishingCredentialsPolicies')
    expect(policies.map((policy) => [words(policy, 'name'), words(policy, 'properties', 'allow')])).toEqual([
      ['scm', 'false'],
      ['ftp', 'false'],
    ])
  })

  test('a vault by roles, whose keys cannot be purged', () => {
    const vault = only('Microsoft.KeyVault/vaults')
    expect(words(vault, 'properties', 'enableRbacAuthorization')).toBe('true')
    expect(words(vault, 'properties', 'enablePurgeProtection')).toBe('true')
  })

  test('no secret is written by a template, given to it, or put out', () => {
    expect(ofType('Microsoft.KeyVault/vaults/secrets')).toEqual([])
    for (const [path, { declarations, tokens }] of templates) {
      for (const { text } of tokens.filter(({ kind }) => kind === 'name')) {
        expect(text, path).not.toMatch(/^(list[A-Z]|getSecret$)/)
        expect(text, path).not.toMatch(/^(primary|secondary)(Key|ConnectionString)$|^(secretText|password)$/i)
      }
      const secure = declarations.filter(({ decorators }) => decorators.includes('secure'))
      expect(secure, path).toEqual([])
      const outputs = declarations.filter(({ kind }) => kind === 'output')
      for (const { name, tokens } of outputs)
        expect(`${name} ${tokens.map(({ text }) => text).join(' ')}`, path).not.toMatch(
          /connectionString|instrumentationKey|password/i,
        )
    }
  })
})

describe('rights', () => {
  const roleTables = [...templates].flatMap(([path, { declarations }]) =>
    declarations
      .filter(({ kind, name }) => kind === 'var' && name === 'roles')
      .flatMap(({ tokens }) =>
        [...entriesOf(tokens)].map(([name, id]) => [path, name, plainText(id)] as const),
      ),
  )

  test('every role has the id of its name', () => {
    expect(roleTables.length).toBeGreaterThanOrEqual(7)
    for (const [path, name, id] of roleTables) expect(id, `${path} ${name}`).toBe(ROLES[name])
  })

  test('no other id stands in a template', () => {
    const allowed = [...Object.values(ROLES), MICROSOFT_GRAPH, NIL]
    for (const path of paths)
      for (const [id] of read(path).matchAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi))
        expect(allowed, path).toContain(id)
  })

  test('an assignment names its kind of principal, its scope, and is the same at every deployment', () => {
    const assignments = ofType('Microsoft.Authorization/roleAssignments')
    expect(assignments.length).toBeGreaterThanOrEqual(6)
    for (const assignment of assignments) {
      const where = `${assignment.path} ${assignment.name}`
      expect(property(assignment, 'name')[1]?.text, where).toBe('guid')
      expect(property(assignment, 'scope'), where).not.toEqual([])
      expect(property(assignment, 'properties', 'principalType'), where).not.toEqual([])
    }
  })

  test('the Graph identity has no role in Azure', () => {
    const main = template(join('infra', 'main.bicep'))
    const takers = main.tokens.filter(({ text }) => text === 'graphPrincipalId')
    expect(takers).toHaveLength(1) // the output that says whom to give its permissions
  })

  const wanted = [
    'RoleManagement.ReadWrite.Directory',
    'User.Read.All',
    'GroupMember.Read.All',
    'Application.Read.All',
    'AdministrativeUnit.Read.All',
  ]

  test('the directory permissions are these five, in Bicep and in the script alike', () => {
    const { declarations } = template(join('infra', 'graph', 'main.bicep'))
    const permissions = declarations.find(({ name }) => name === 'permissions')?.tokens ?? []
    expect(permissions.filter(({ kind }) => kind === 'text').map(({ text }) => text)).toEqual(wanted)
    const script = read('infra/graph/grant.sh')
    expect(/^for permission in (.*); do$/m.exec(script)?.[1]?.split(' ')).toEqual(wanted)
  })

  test('are all that the app has in the simulated tenant, besides those for groups: what it calls needs no more', () => {
    const forGroups = ['GroupMember.ReadWrite.All', 'Group.ReadWrite.All']
    for (const permission of forGroups) expect(read('docs/groups.md')).toContain(`\`${permission}\``)
    for (const permission of wanted)
      for (const path of ['docs/deploy.md', 'README.md'])
        expect(read(path), path).toContain(`\`${permission}\``)
    expect(servicePrincipals.interim.permissions).toEqual([...wanted, ...forGroups])
  })

  test('the app registration is the one that the app expects', () => {
    const app = only('Microsoft.Graph/applications')
    const text = app.tokens.map((token) => token.text).join(' ')
    const script = read('infra/graph/grant.sh')
    const { scope } = loadConfig({
      ENTRA_TENANT_ID: NIL,
      ENTRA_CLIENT_ID: NIL,
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      MAIL_CONNECTION: 'endpoint=https://mail.example/;accesskey=none',
      MAIL_FROM: 'interim@example.com',
      LINK_SIGNING_KEYS: 'k'.repeat(32),
      PUBLIC_URL: 'https://interim.example',
    }).entra
    const redirect = /`\$\{publicUrl\}(\S+?)`/.exec(read('src/app.ts'))?.[1] as string
    expect(redirect).toBe('/api/sign-in/callback')
    for (const word of [scope, redirect, 'acrs', 'xms_cc', 'idtyp', 'AzureADMyOrg']) {
      expect(text).toContain(word)
      expect(script).toContain(word)
    }
    expect(words(app, 'api', 'requestedAccessTokenVersion')).toBe('2')
    expect(script).toContain('"requestedAccessTokenVersion": 2')
  })
})
