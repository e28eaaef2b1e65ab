import { FOR_MICROSOFTS_HOST, startServices } from './stack.ts'
import { whenStopped } from './until-stopped.ts'

/** Azurite and the simulated tenant alone, for any host that is to run the build against them. */
try {
  const services = await startServices({ host: 7071, tenant: 7072, blob: 10000, queue: 10001, table: 10002 })
  console.log(
    'Azurite and the simulated tenant run. Settings for a host, as the Values of a local.settings.json:\n',
  )
  console.log(
    JSON.stringify({ IsEncrypted: false, Values: { ...services.settings, ...FOR_MICROSOFTS_HOST } }, null, 2),
  )
  console.log(
    `\nThe host is expected at ${services.settings.PUBLIC_URL}. Mailbox: ${services.tenant.url}/mailbox. Ctrl-C stops both.`,
  )
  whenStopped(services.stop)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
