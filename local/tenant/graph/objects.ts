import { AUTHENTICATION_CONTEXT } from '../seed.ts'
import { listAnswer, oneAnswer } from './odata.ts'
import { badRequest, notFound } from './problem.ts'
import { type Ask, may, route } from './routes.ts'
import { administrativeUnitItem, objectItem, servicePrincipalItem, shapes } from './shapes.ts'

const applications = { set: 'servicePrincipals', shape: shapes.servicePrincipal }
const units = { set: 'administrativeUnits', shape: shapes.administrativeUnit }

function object({ call, directory, at }: Ask) {
  const item = objectItem(directory, (at.id ?? '').toLowerCase())
  if (!item) throw notFound(at.id ?? '')
  return oneAnswer(call, item, { set: 'directoryObjects' })
}

/** Unknown ids are left out, not complained about. */
function getByIds({ call, directory, body }: Ask) {
  const { ids, types } = body
  if (!Array.isArray(ids) || ids.length === 0) throw badRequest('ids must be given.')
  if (ids.length > 1000) throw badRequest('Too many ids: at most 1000 are allowed.')
  const wanted = Array.isArray(types) ? types : undefined
  const items = ids.flatMap((id) => objectItem(directory, `${id}`.toLowerCase()) ?? [])
  const kept = items.filter(
    (i) => !wanted || wanted.includes(i.shape.type) || wanted.includes('directoryObject'),
  )
  return listAnswer(call, kept, { set: 'directoryObjects' })
}

function one(ask: Ask, kind: 'servicePrincipals' | 'administrativeUnits') {
  const id = (ask.at.id ?? '').toLowerCase()
  const item = ask.directory[kind].has(id) ? objectItem(ask.directory, id) : undefined
  if (!item) throw notFound(ask.at.id ?? '')
  return oneAnswer(ask.call, item, kind === 'servicePrincipals' ? applications : units)
}

/** One context that Conditional Access knows, and one that was prepared and never published. */
const contexts = [
  {
    id: AUTHENTICATION_CONTEXT,
    displayName: 'Second factor',
    description: 'Needs a second factor.',
    isAvailable: true,
  },
  { id: 'c2', displayName: 'Draft', description: 'Not published.', isAvailable: false },
]

export const objectRoutes = [
  route(
    'GET',
    '/identity/conditionalAccess/authenticationContextClassReferences',
    may.readPolicies,
    ({ call }) =>
      listAnswer(
        call,
        contexts.map((row) => ({ shape: shapes.authenticationContext, row })),
        { set: 'authenticationContextClassReferences', shape: shapes.authenticationContext },
      ),
  ),
  route('GET', '/servicePrincipals', may.readApplications, ({ call, directory }) =>
    listAnswer(call, [...directory.servicePrincipals.values()].map(servicePrincipalItem), applications),
  ),
  route('GET', '/servicePrincipals/{id}', may.readApplications, (ask) => one(ask, 'servicePrincipals')),
  route('GET', '/directory/administrativeUnits', may.readUnits, ({ call, directory }) =>
    listAnswer(call, [...directory.administrativeUnits.values()].map(administrativeUnitItem), units),
  ),
  route('GET', '/directory/administrativeUnits/{id}', may.readUnits, (ask) =>
    one(ask, 'administrativeUnits'),
  ),
  route('GET', '/directoryObjects/{id}', may.readObjects, object),
  route('POST', '/directoryObjects/getByIds', may.readObjects, getByIds),
]
