import { send, sendJson } from '../http/respond.ts'
import { managementUrls } from './addresses.ts'
import { newEvent } from './history.ts'
import { hasEnded, type Instance } from './instance.ts'
import { jsonText } from './json-text.ts'
import type { Call } from './management.ts'
import { statusView } from './status-view.ts'

/** Everything below `instances/{id}`. */
export async function instanceOperation(
  call: Call,
  id: string,
  operation: string,
  more: string[],
): Promise<void> {
  const { response, method, engine } = call
  const instance = await engine.find(id)
  const unknown = `No orchestration with instance ID "$${id}" found.`
  if (!instance) {
    if (operation === 'rewind') return sendJson(response, 404, unknown)
    return send(response, operation === 'restart' ? 400 : 404)
  }
  if (operation === '' && method === 'GET') return showStatus(call, instance)
  if (operation === '' && method === 'DELETE') return purge(call, instance)
  if (method !== 'POST') return send(response, 404)
  if (operation === 'restart') return restart(call, instance)
  if (operation === 'rewind') return sendJson(response, 501, 'The local host does not rewind.')
  if (!['raiseevent', 'terminate', 'suspend', 'resume'].includes(operation)) return send(response, 404)
  if (hasEnded(instance)) return send(response, 410)
  if (operation === 'raiseevent') return raiseEvent(call, instance, more)
  return control(call, instance, operation)
}

function showStatus({ response, request, query, origin }: Call, instance: Instance): void {
  const flag = (name: string) => query.get(name)?.toLowerCase()
  const view = statusView(instance, {
    showInput: flag('showInput') !== 'false',
    showHistory: flag('showHistory') === 'true',
    showHistoryOutput: flag('showHistoryOutput') === 'true',
  })
  if (!hasEnded(instance)) {
    sendJson(response, 202, view, { location: `${origin}${request.url}`, 'retry-after': '5' })
    return
  }
  const asError = instance.status === 'Failed' && flag('returnInternalServerErrorOnFailure') === 'true'
  sendJson(response, asError ? 500 : 200, view)
}

async function purge({ response, engine }: Call, { id, status, ...rest }: Instance): Promise<void> {
  if (!hasEnded({ id, status, ...rest })) {
    const reason = `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${id} has status ${status}`
    return sendJson(response, 412, reason)
  }
  await engine.remove(id)
  sendJson(response, 200, { instancesDeleted: 1 })
}

async function raiseEvent({ response, request, body, engine }: Call, { id }: Instance, more: string[]) {
  const [name] = more
  if (!name) return send(response, 404)
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    return sendJson(response, 400, { Message: 'Only application/json request content is supported' })
  await engine.post(id, newEvent('EventRaised', { Name: name, Input: body === '' ? null : jsonText(body) }))
  send(response, 202)
}

async function control(
  { response, query, engine }: Call,
  instance: Instance,
  operation: string,
): Promise<void> {
  const suspended = instance.status === 'Suspended'
  if ((operation === 'suspend' && suspended) || (operation === 'resume' && !suspended)) {
    const ExceptionMessage = `Cannot ${operation} the orchestration instance ${instance.id} because instance is in the ${instance.status} state.`
    const Message = 'Something went wrong while processing your request'
    return sendJson(response, 500, {
      Message,
      ExceptionMessage,
      ExceptionType: 'System.InvalidOperationException',
    })
  }
  const reason = query.get('reason')
  const event =
    operation === 'terminate'
      ? newEvent('ExecutionTerminated', { Input: reason })
      : newEvent(operation === 'suspend' ? 'ExecutionSuspended' : 'ExecutionResumed', { Reason: reason })
  await engine.post(instance.id, event)
  send(response, 202)
}

async function restart({ response, query, engine, origin, hub }: Call, { id, name, input }: Instance) {
  const keepsId = query.get('restartWithNewInstanceId')?.toLowerCase() === 'false'
  const started = await engine.start(name, keepsId ? id : undefined, input)
  if ('taken' in started) {
    const Message = 'A non-terminal instance with this instance ID already exists.'
    return sendJson(response, 409, { Message })
  }
  const urls = managementUrls(origin, hub, started.id)
  sendJson(response, 202, urls, { location: urls.statusQueryGetUri, 'retry-after': '10' })
}
