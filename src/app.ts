import { randomBytes } from 'node:crypto'
import { armClient } from './adapters/azure/client.ts'
import { azureRoles } from './adapters/azure/roles.ts'
import { managedIdentityTokens, secretTokens } from './adapters/entra/app-token.ts'
import { callerReader } from './adapters/entra/caller.ts'
import { entraSignIn } from './adapters/entra/sign-in.ts'
import { graphClient } from './adapters/graph/client.ts'
import { graphDirectory } from './adapters/graph/directory.ts'
import { directoryRoles } from './adapters/graph/directory-roles.ts'
import { groupMemberships } from './adapters/graph/groups.ts'
import { cookieBox, formTokens, pageTokens, signedLinks } from './adapters/links.ts'
import { structuredLog } from './adapters/log.ts'
import { acsMailer } from './adapters/mailer.ts'
import { managedIdentity } from './adapters/managed-identity.ts'
import { queueOutbox } from './adapters/outbox.ts'
import { azurePace, graphPace, paced } from './adapters/paced.ts'
import { publishing } from './adapters/publishing.ts'
import { remembering } from './adapters/remembering.ts'
import { randomSecrets } from './adapters/secrets.ts'
import { tableBundles } from './adapters/tables/bundles.ts'
import { tableDelegations } from './adapters/tables/delegations.ts'
import { tableDepartures } from './adapters/tables/departures.ts'
import { tableDigests } from './adapters/tables/digests.ts'
import { tableFindings } from './adapters/tables/findings.ts'
import { tablePersonals } from './adapters/tables/personals.ts'
import { tableSettings, tableTiers } from './adapters/tables/settings.ts'
import { tableStore } from './adapters/tables/store.ts'
import { openTable, type TableAccess } from './adapters/tables/table.ts'
import { tableTallies } from './adapters/tables/tallies.ts'
import { tableUndelivered } from './adapters/tables/undelivered.ts'
import { tableViews, viewTables } from './adapters/tables/views.ts'
import { tableWebhooks } from './adapters/tables/webhooks.ts'
import { httpTicketDesk } from './adapters/tickets/desk.ts'
import { httpCourier } from './adapters/webhooks/courier.ts'
import { queueErrands } from './adapters/webhooks/errands.ts'
import { type Config, loadConfig } from './config.ts'
import type { Ports } from './ports.ts'

export type App = ReturnType<typeof compose>

let app: App | undefined

/** The composition root, built once a process: what production plugs into each port. Throws when settings are wrong. */
export function getApp(): App {
  app ??= compose(loadConfig(process.env))
  return app
}

function compose(config: Config) {
  const millis = () => Date.now()
  const { entra, linkKeys, publicUrl } = config
  /** An app token for a service; a local one stands in for the real one, and is asked for by its name. */
  const tokensFor = (url: string, real: string) => appTokens(new URL(url).origin.replace(/^http:.*/, real))
  const appTokens = (resource: string) => {
    const scope = `${resource}/.default`
    return entra.clientSecret
      ? secretTokens({ ...entra, clientSecret: entra.clientSecret }, scope, millis)
      : managedIdentityTokens(config.graph.identityClientId, scope, millis)
  }
  const graph = graphClient(config.graph.url, tokensFor(config.graph.url, 'https://graph.microsoft.com'))
  const directory = graphDirectory(graph)
  const { url: armUrl, scopes } = config.azure
  const arm = armClient(armUrl, tokensFor(armUrl, 'https://management.azure.com'))
  const azure =
    scopes.length > 0 ? { azure: paced(azureRoles(arm, directory, scopes, millis), azurePace(millis)) } : {}
  const paceOfGraph = graphPace(millis)
  const truth = openTable(tableAccess(config), 'InterimTruth')
  const table = (name: string) => openTable(tableAccess(config), name)
  const lists = viewTables(table)
  const webhooks = tableWebhooks(truth, table('InterimParcels'), () => performance.now())
  const errands = queueErrands(queueAccess(config))
  const views = tableViews(lists, millis)

  const ports: Ports = {
    store: remembering(tableStore(truth), millis),
    settings: tableSettings(truth, millis),
    departures: tableDepartures(truth),
    delegations: tableDelegations(truth, () => performance.now()),
    tiers: tableTiers(truth),
    views: publishing(views, { webhooks, errands }),
    findings: tableFindings(truth),
    drift: {
      places: [
        { provider: 'directory', scope: '/' },
        ...scopes.map((scope) => ({ provider: 'azure' as const, scope })),
      ],
      restoreRemoved: config.restoreRemoved,
    },
    tallies: tableTallies(lists.events),
    digests: tableDigests(truth),
    digestTime: config.digest,
    tenantName: config.tenantName,
    personals: tablePersonals(truth),
    bundles: tableBundles(truth),
    bundleMinutes: config.mail.bundleMinutes,
    secrets: randomSecrets,
    directory,
    providers: {
      directory: paced(directoryRoles(graph, directory, millis), paceOfGraph),
      ...azure,
      group: paced(groupMemberships(graph, directory, config.graph.url), paceOfGraph),
    },
    outbox: queueOutbox(queueAccess(config)),
    webhooks,
    errands,
    courier: httpCourier({ keys: linkKeys, allowedHosts: config.webhookAllowedHosts, now: millis }),
    desk: httpTicketDesk({ allowedHosts: config.webhookAllowedHosts, tokensFor: appTokens }),
    mailer: acsMailer(mailAccess(config), config.mail.from, config.mail.quota, millis),
    undelivered: tableUndelivered(truth),
    links: signedLinks(publicUrl, linkKeys),
    log: structuredLog(),
    now: () => new Date(),
    random: () =>
      BigInt(`0x${randomBytes(12).toString('hex')}`)
        .toString(36)
        .padStart(16, '0')
        .slice(-12),
    mfaContext: config.mfaContext,
    breakGlass: config.breakGlass,
    settingsNeedTwo: config.settingsNeedTwo,
    publicUrl,
  }
  return {
    ports,
    publicUrl,
    entra,
    readCaller: callerReader(entra),
    signIn: entraSignIn(entra, `${publicUrl}/api/sign-in/callback`),
    pendingCookies: cookieBox(linkKeys, 'sign-in'),
    sessionCookies: cookieBox(linkKeys, 'session'),
    formTokens: formTokens(linkKeys),
    pageTokens: pageTokens(linkKeys),
  }
}

function tableAccess({ storage }: Config): TableAccess {
  if (storage.connectionString) return { connectionString: storage.connectionString }
  return { url: storage.tableUrl as string, credential: managedIdentity(storage.identityClientId) }
}

function queueAccess({ storage }: Config) {
  if (storage.queueConnectionString) return { connectionString: storage.queueConnectionString }
  return { url: storage.queueUrl as string, credential: managedIdentity(storage.identityClientId) }
}

function mailAccess({ mail, storage }: Config) {
  if (mail.connectionString) return { connectionString: mail.connectionString }
  return { url: mail.url as string, credential: managedIdentity(storage.identityClientId) }
}
