import { z } from 'zod'

/** A reference to a secret that the platform could not resolve is long enough, and known to everybody. */
const isKey = (key: string) => key.length >= 32 && !key.startsWith('@Microsoft.')

/** An empty setting is one that is not set: that is how templates and portals leave them. */
const optional = z
  .string()
  .trim()
  .transform((text) => text || undefined)
  .optional()

/** A number from 1 to 100000. */
const wholeNumber = (standard: number) =>
  z
    .string()
    .trim()
    .regex(/^([1-9]\d{0,4}|100000)?$/, 'must be a whole number from 1 to 100000')
    .transform((text) => (text ? Number(text) : standard))
    .default(standard)

/** What is separated by commas. */
function listed(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)
}

const DIGEST_HOUR = 8

/** By its name, so that it knows when clocks change: an offset does not. */
function isTimeZone(zone: string): boolean {
  try {
    return /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== ''
  } catch {
    return false
  }
}

/** Compared in lower case, as all Azure ids are. */
const GOVERNABLE =
  /^(\/providers\/microsoft[.]management\/managementgroups\/[\w().-]{1,90}|\/subscriptions\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

const Environment = z
  .object({
    ENTRA_TENANT_ID: z.guid(),
    ENTRA_CLIENT_ID: z.guid(),
    ENTRA_CLIENT_SECRET: optional,
    ENTRA_AUTHORITY: z.url().default('https://login.microsoftonline.com'),
    ENTRA_SCOPE: z.string().default('access_as_user'),
    GRAPH_URL: z.url().default('https://graph.microsoft.com/v1.0'),
    GRAPH_IDENTITY_CLIENT_ID: optional,
    ARM_URL: z.url().default('https://management.azure.com'),
    AZURE_SCOPES: z
      .string()
      .default('')
      .transform((scopes) =>
        scopes
          .split(',')
          .map((scope) =>
            scope
              .trim()
              .toLowerCase()
              .replace(/(.)\/$/, '$1'),
          )
          .filter(Boolean),
      )
      .refine(
        (scopes) => scopes.every((scope) => GOVERNABLE.test(scope)),
        'must be management groups and subscriptions by their full ids, separated by commas: /providers/Microsoft.Management/managementGroups/{name} or /subscriptions/{id}',
      ),
    MFA_AUTHENTICATION_CONTEXT: z
      .string()
      .regex(/^(c[1-9]\d?)?$/, 'must be an authentication context, c1 to c99')
      .transform((text) => text || null)
      .default(null),
    BREAK_GLASS_IDS: z
      .string()
      .default('')
      .transform((ids) => listed(ids).map((id) => id.toLowerCase()))
      .refine(
        (ids) => ids.every((id) => z.guid().safeParse(id).success),
        'must be object ids of accounts, separated by commas',
      ),
    RESTORE_REMOVED: z
      .enum(['', 'true', 'false'], 'must be true or false')
      .default('false')
      .transform((text) => text === 'true'),
    SETTINGS_NEED_TWO: z
      .enum(['true', 'false', ''])
      .transform((text) => text === 'true')
      .default(false),
    WEBHOOK_ALLOWED_HOSTS: z
      .string()
      .default('')
      .transform((hosts) => listed(hosts).map((host) => host.toLowerCase()))
      .refine(
        (hosts) => hosts.every((host) => /^([a-z0-9-]+(\.[a-z0-9-]+)*|[0-9a-f:]*:[0-9a-f:.]*)$/.test(host)),
        'must be names or addresses of hosts, without ports, separated by commas',
      ),
    DIGEST_TIME_ZONE: z
      .string()
      .trim()
      .transform((zone) => zone || 'UTC')
      .default('UTC')
      .refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin'),
    DIGEST_HOUR: z
      .string()
      .trim()
      .regex(/^(\d|1\d|2[0-3])?$/, 'must be an hour of the day, 0 to 23')
      .transform((hour) => Number(hour || DIGEST_HOUR))
      .default(DIGEST_HOUR),
    TENANT_NAME: optional,
    AzureWebJobsStorage: optional,
    AzureWebJobsStorage__tableServiceUri: optional,
    AzureWebJobsStorage__queueServiceUri: optional,
    AzureWebJobsStorage__clientId: optional,
    DATA_STORAGE: optional,
    DATA_STORAGE__tableServiceUri: optional,
    MAIL_CONNECTION: optional,
    MAIL_ENDPOINT: optional,
    MAIL_FROM: z.email(),
    MAIL_PER_MINUTE: wholeNumber(30),
    MAIL_PER_HOUR: wholeNumber(100),
    NOTICE_BUNDLE_MINUTES: z
      .string()
      .trim()
      .regex(/^(\d|[1-5]\d|60)?$/, 'must be a number of minutes, 0 to 60')
      .transform(Number)
      .default(0),
    LINK_SIGNING_KEYS: z
      .string()
      .transform(listed)
      .refine(
        (keys) => keys.length > 0 && keys.every(isKey),
        'must be keys of at least 32 characters, separated by commas (a Key Vault reference must resolve)',
      ),
    PUBLIC_URL: optional,
    WEBSITE_HOSTNAME: optional,
  })
  .superRefine((env, problems) => {
    const missing = (path: string, message: string) =>
      problems.addIssue({ code: 'custom', path: [path], message })
    if (!env.AzureWebJobsStorage && !env.AzureWebJobsStorage__tableServiceUri)
      missing(
        'AzureWebJobsStorage',
        'a connection string, or the __tableServiceUri and __queueServiceUri of an identity-based connection',
      )
    if (!env.MAIL_CONNECTION && !env.MAIL_ENDPOINT)
      missing('MAIL_CONNECTION', 'a connection string, or MAIL_ENDPOINT for a managed identity')
    if (!env.PUBLIC_URL && !env.WEBSITE_HOSTNAME)
      missing('PUBLIC_URL', 'the address under which people reach this app')
  })

const LOCAL_STORAGE =
  'DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;'

export type Config = ReturnType<typeof loadConfig>

/** Reads the environment: the only code that does. Throws one error that names every fault at once. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>) {
  const parsed = Environment.safeParse(env)
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`)
    throw new Error(`Interim cannot start with these settings:\n${faults.join('\n')}`)
  }
  const set = parsed.data
  const host = set.WEBSITE_HOSTNAME ?? ''
  const isLocal = /^(127\.0\.0\.1|localhost)(:|$)/.test(host)
  const connection = (text: string | undefined) =>
    text === 'UseDevelopmentStorage=true' ? LOCAL_STORAGE : text
  return {
    entra: {
      authority: set.ENTRA_AUTHORITY.replace(/\/$/, ''),
      tenantId: set.ENTRA_TENANT_ID.toLowerCase(),
      clientId: set.ENTRA_CLIENT_ID.toLowerCase(),
      clientSecret: set.ENTRA_CLIENT_SECRET,
      scope: set.ENTRA_SCOPE,
    },
    graph: {
      url: set.GRAPH_URL,
      identityClientId: set.GRAPH_IDENTITY_CLIENT_ID ?? set.AzureWebJobsStorage__clientId,
    },
    restoreRemoved: set.RESTORE_REMOVED,
    settingsNeedTwo: set.SETTINGS_NEED_TWO,
    digest: { timeZone: set.DIGEST_TIME_ZONE, hour: set.DIGEST_HOUR },
    tenantName: set.TENANT_NAME ?? null,
    azure: { url: set.ARM_URL, scopes: set.AZURE_SCOPES },
    mfaContext: set.MFA_AUTHENTICATION_CONTEXT,
    breakGlass: set.BREAK_GLASS_IDS,
    webhookAllowedHosts: set.WEBHOOK_ALLOWED_HOSTS,
    storage: {
      connectionString: connection(set.DATA_STORAGE ?? set.AzureWebJobsStorage),
      tableUrl: set.DATA_STORAGE__tableServiceUri ?? set.AzureWebJobsStorage__tableServiceUri,
      queueConnectionString: connection(set.AzureWebJobsStorage),
      queueUrl: set.AzureWebJobsStorage__queueServiceUri,
      identityClientId: set.AzureWebJobsStorage__clientId,
    },
    mail: {
      connectionString: set.MAIL_CONNECTION,
      url: set.MAIL_ENDPOINT,
      from: set.MAIL_FROM,
      bundleMinutes: set.NOTICE_BUNDLE_MINUTES,
      quota: { perMinute: set.MAIL_PER_MINUTE, perHour: set.MAIL_PER_HOUR },
    },
    linkKeys: set.LINK_SIGNING_KEYS as [string, ...string[]],
    publicUrl: (set.PUBLIC_URL ?? `${isLocal ? 'http' : 'https'}://${host}`).replace(/\/$/, ''),
  }
}
