import { parseArgs } from 'node:util'
import { allMails } from './mails/all.ts'
import { seedApp } from './seed.ts'
import { type Ports, startStack } from './stack.ts'
import { roles } from './tenant/seed.ts'
import { whenStopped } from './until-stopped.ts'

const USUAL: Ports = { host: 7071, tenant: 7072, blob: 10000, queue: 10001, table: 10002 }

/** Where the usual ones are taken: any, which are printed. */
const { values } = parseArgs({ options: { 'free-ports': { type: 'boolean', default: false } } })

const started = Date.now()
try {
  const stack = await startStack(values['free-ports'] ? {} : USUAL)
  await seedApp(stack.host.url, stack.tenant)
  await stack.tenant.control(
    'PUT',
    '/letters',
    allMails().map(({ name, letter: { subject, text, html } }) => ({ name, subject, text, html })),
  )
  console.log(greeting(stack.host.url, stack.tenant.url, (Date.now() - started) / 1000))
  let stopping = false
  whenStopped(async () => {
    stopping = true
    await stack.stop()
    console.log('\nStopped. Nothing was kept.')
  })
  await stack.host.ended() // a host that dies is started again, as Azure would: its state is in the storage
  while (!stopping) {
    console.log('The host ended by itself. Starting it again; nothing is lost.')
    await stack.host.restart()
    await stack.host.ended()
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

function greeting(host: string, tenant: string, seconds: number): string {
  return `
Interim runs. (${seconds.toFixed(1)} s)

  API            ${host}/api/openapi.json   ${host}/api/health
  Mailbox        ${tenant}/mailbox          every mail there is: ${tenant}/letters
  Tenant         ${tenant}/

  ada        may activate User Administrator (an approver signs in to decide), Exchange Administrator (the
             mailed link decides) and Reports Reader (nobody is asked)
  grace      approves, as do linus and margaret
  barbara    may activate membership of Tier Zero Operators, and in it Application Administrator
  katherine  administers (Privileged Role Administrator)         dorothy  looks on (Global Reader)

Try it: Ada asks for a role, then read Grace's mail in the mailbox and follow its link.

  TOKEN=$(curl -s '${tenant}/token?as=ada')
  curl -s ${host}/api/requests -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{
    "action": "selfActivate", "roleDefinitionId": "${roles.exchangeAdministrator.id}",
    "justification": "INC-42: mailbox of the support team is stuck",
    "scheduleInfo": { "expiration": { "type": "afterDuration", "duration": "PT1H" } } }'

Move the clock:  curl -s ${host}/admin/clock -H 'Content-Type: application/json' -d '{"advance":"PT1H"}'
Ctrl-C stops everything; nothing is kept.
`
}
