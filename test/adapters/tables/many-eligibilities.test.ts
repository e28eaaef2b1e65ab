import { expect, test } from 'vitest'
import { truth } from '../../../src/adapters/tables/keys.ts'
import { tableStore } from '../../../src/adapters/tables/store.ts'
import { opened } from '../../../src/domain/request-steps.ts'
import { memoryTable } from '../../fakes/table.ts'
import { eligibilityOf, requestOf } from './both.ts'

test('what somebody has open is seen, however much they are eligible for', async () => {
  const table = memoryTable()
  const store = tableStore(table)
  const request = requestOf()
  const partitionKey = truth.partition(request.principal.id)
  for (let n = 0; n < 2500; n++) {
    const eligibility = eligibilityOf()
    const put = { partitionKey, rowKey: truth.eligibility(eligibility.id), doc: JSON.stringify(eligibility) }
    await table.transact([{ put, onlyIf: 'absent' }])
  }
  await store.openRequest(opened(request))
  const { eligibilities, requests } = await store.readLive(request.principal.id)
  expect([eligibilities.length, requests.map(({ value }) => value.id)]).toEqual([2500, [request.id]])
})
