import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { tableSettings, tableTiers } from '../../../src/adapters/tables/settings.ts'
import { tableStore } from '../../../src/adapters/tables/store.ts'
import { openTable } from '../../../src/adapters/tables/table.ts'
import { tableViews } from '../../../src/adapters/tables/views.ts'
import type { Eligibility } from '../../../src/domain/eligibility.ts'
import { makeId } from '../../../src/domain/ids.ts'
import { INTERIM } from '../../../src/domain/person.ts'
import type { Request } from '../../../src/domain/request.ts'
import type { Settings, Store, Tiers, Views } from '../../../src/ports.ts'
import { held, pending } from '../../domain/requests.ts'
import { ada, exchange, exchangeRole } from '../../fakes/people.ts'
import { fakeSettings } from '../../fakes/settings.ts'
import { fakeStore } from '../../fakes/store.ts'
import { fakeViews } from '../../fakes/views.ts'

type Made = { store: Store; settings: Settings; tiers: Tiers; views: Views }

const table = (name: string) =>
  openTable({ connectionString: inject('storage') }, `${name}${randomBytes(6).toString('hex')}`)

/** The same promises, kept by the fake and by the real thing. */
export const BOTH: [name: string, make: () => Made][] = [
  [
    'in memory',
    () => {
      const { store, events } = fakeStore()
      const { settings, tiers } = fakeSettings(events)
      return { store, settings, tiers, views: fakeViews().views }
    },
  ],
  [
    'in tables',
    () => {
      const truth = table('truth')
      return {
        store: tableStore(truth),
        tiers: tableTiers(truth),
        settings: tableSettings(truth, () => Date.parse('2030-01-01T09:00:00Z')),
        views: tableViews(
          {
            open: table('open'),
            events: table('events'),
            days: table('days'),
            byRole: table('byRole'),
          },
          () => Date.parse('2030-01-01T09:00:00Z'),
        ),
      }
    },
  ],
]

let ids = 0
const random = () => (++ids).toString(36).padStart(12, '0')
const NINE = '2030-01-01T09:00:00.000Z'

export const requestOf = (more: Partial<Request> = {}, principalId = ada.id, at = NINE): Request => ({
  ...pending,
  id: makeId('req', principalId, new Date(at), random()),
  principal: { id: principalId, displayName: 'Somebody' },
  createdDateTime: at,
  ...more,
})
export const over = (request: Request): Request => ({
  ...request,
  status: 'Expired',
  grant: held.grant,
  completedDateTime: '2030-01-01T11:00:00.000Z',
})
export const eligibilityOf = (more: Partial<Eligibility> = {}, principalId = ada.id): Eligibility => ({
  ...exchangeRole,
  id: makeId('elig', principalId, new Date(NINE), random()),
  principalId,
  principalType: 'User',
  principalName: 'Somebody',
  roleName: exchange.displayName,
  scopeName: 'the whole directory',
  startDateTime: NINE,
  endDateTime: null,
  createdDateTime: NINE,
  createdBy: INTERIM,
  justification: null,
  ...more,
})
