import { DefaultAzureCredential } from '@azure/identity'
import { rebuildViews } from '../src/adapters/tables/rebuild.ts'
import { openTable, type TableAccess } from '../src/adapters/tables/table.ts'
import { tableViews, viewTables } from '../src/adapters/tables/views.ts'

const USAGE = `Usage: npm run rebuild

Writes the lists and the index anew from the truth (the table InterimTruth): after a copy was restored, or a view was lost.
What is missing is added, and nothing is told to anybody again; safe to repeat. Stop the app meanwhile, start it afterwards:
its sweep lists what is open as it stands within five minutes.

DATA_STORAGE or AzureWebJobsStorage is a connection string; or DATA_STORAGE__tableServiceUri the address of the table service, and
you are signed in (az login) as somebody with the role Storage Table Data Contributor.`

function accessOf(env: NodeJS.ProcessEnv): TableAccess | undefined {
  const connectionString = env.DATA_STORAGE ?? env.AzureWebJobsStorage
  if (connectionString) return { connectionString }
  const url = env.DATA_STORAGE__tableServiceUri ?? env.AzureWebJobsStorage__tableServiceUri
  return url ? { url, credential: new DefaultAzureCredential() } : undefined
}

const access = accessOf(process.env)
if (!access || process.argv.length > 2) {
  console.error(USAGE)
  process.exit(1)
}
const table = (name: string) => openTable(access, name)
const views = tableViews(viewTables(table), () => Date.now())
const done = await rebuildViews(table('InterimTruth'), views, new Date(), ({ rows }) =>
  console.error(`${rows} rows read`),
)
const { rows, events, eligibilities, toLookAt } = done
console.log(
  `${rows} rows of the truth: ${events} events and ${eligibilities} eligibilities are listed, and ${toLookAt} are left to the sweep.`,
)
