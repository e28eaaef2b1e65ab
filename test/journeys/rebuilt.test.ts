import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { TableClient } from '@azure/data-tables'
import { expect, test } from 'vitest'
import { viewTables } from '../../src/adapters/tables/views.ts'
import { accepted } from '../support/actor.ts'
import { story, TRAIL } from '../support/story.ts'
import { isForeign, useWorld } from '../support/world.ts'

const world = useWorld()
const REBUILD = fileURLToPath(new URL('../../dist/local/rebuild.js', import.meta.url))
const VIEWS = Object.values(viewTables((name) => name))

const rebuild = () =>
  promisify(execFile)(process.execPath, [REBUILD], {
    env: { PATH: process.env.PATH, AzureWebJobsStorage: world.storage },
  })

async function loseTheViews(): Promise<void> {
  for (const name of VIEWS) {
    const table = TableClient.fromConnectionString(world.storage, name, { allowInsecureConnection: true })
    for await (const { partitionKey, rowKey } of table.listEntities())
      await table.deleteEntity(`${partitionKey}`, `${rowKey}`)
  }
}

test.skipIf(isForeign)(
  'all lists are lost: made anew from the truth they say the same, nobody is told again, and access ends on time',
  async () => {
    const { ada, grace, linus, dorothy, katherine, role, makeEligible, becomes, recorded } = await story(
      world,
      'helpdeskAdministrator',
      { approval: true },
    )
    await makeEligible(linus)
    const held = await linus.asks()
    await grace.approves(held)
    await becomes(held, 'Provisioned')
    const waiting = await ada.asks()
    await world.advance('PT10M')
    const see = async () => ({
      eligible: await accepted(200, katherine.calls('GET', `/api/eligibilities?roleDefinitionId=${role.id}`)),
      recorded: await accepted(200, dorothy.calls('GET', '/api/audit?top=200')),
      awaiting: await grace.isAskedFor(),
      mails: (await world.tenant.mails()).length,
    })
    const before = await see()
    expect(before.awaiting).toEqual([waiting.id])

    await loseTheViews()
    expect(await see()).toMatchObject({ eligible: { value: [] }, recorded: { value: [] }, awaiting: [] })
    expect((await rebuild()).stdout).toMatch(/rows of the truth/)
    await rebuild()
    await world.advance('PT10M')
    expect(await see()).toEqual(before)

    await grace.approves(waiting)
    await becomes(waiting, 'Provisioned')
    await world.advance('PT2H')
    expect([await ada.holds(), await linus.holds()]).toEqual([false, false])
    expect(await recorded(waiting, 5)).toEqual([
      TRAIL.asked,
      TRAIL.approvalAsked,
      TRAIL.approved,
      TRAIL.given,
      TRAIL.ended,
    ])
  },
)
