import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { ErrorAnswer } from '../src/api/answers.ts'
import type { Answer, Route } from './route.ts'

const REFUSALS: Record<number, string> = {
  400: 'Refused: what is wrong and what would satisfy it, every failing rule at once.',
  401: 'No valid access token, or a claims challenge (WWW-Authenticate).',
  403: 'Not for this caller.',
  404: 'No such thing, or not for this caller to see.',
  409: 'It has changed meanwhile, or is over.',
  413: 'The body has more than 64 KB.',
  415: 'The body is not application/json, or it is encoded.',
  502: 'Something outside refuses for good; an administrator has to look.',
  503: 'Something outside does not answer; try again.',
}

/** The OpenAPI 3.1 document of these routes, made from the very schemas that check what is sent. */
export function openApi(routes: readonly Route[], serverUrl: string) {
  const paths: ZodOpenApiPathsObject = {}
  for (const each of routes)
    for (const method of each.methods) {
      const path = `/api/${each.path}`
      paths[path] = { ...paths[path], [method.toLowerCase()]: operation(each, method) }
    }
  return createDocument({
    openapi: '3.1.1',
    info: { title: 'Interim', version: '0.1.0', description: 'Privileged access, for now.' },
    servers: [{ url: serverUrl }],
    components: {
      securitySchemes: {
        entra: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An Entra access token for this API, delegated.',
        },
      },
    },
    paths,
  })
}

function operation(
  { name, who, summary, params, query, body, answers }: Route,
  method: string,
): ZodOpenApiOperationObject {
  const parameters = { ...(params && { path: params }), ...(query && { query }) }
  return {
    operationId: method === 'GET' || method === 'POST' ? name : `${name}${method}`,
    summary,
    description: WHO[who],
    security: who === 'anyone' ? [] : [{ entra: [] }],
    ...(Object.keys(parameters).length > 0 && { requestParams: parameters }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, success(answer)])),
      ...(Object.values(answers).some(({ html }) => html) ? {} : refusals(body !== undefined)),
    },
  }
}

const WHO = {
  anyone: 'For anyone, without a token.',
  user: 'For people of the tenant; app-only tokens are refused.',
  administrator: 'For holders of Global Administrator or Privileged Role Administrator.',
  reader: 'For administrators, Global Reader, Security Administrator and Security Reader.',
}

function success({ description, body, html, type }: Answer) {
  if (type) return { description, content: { [type]: { schema: { type: 'string' as const } } } }
  if (html) return { description, content: { 'text/html': { schema: { type: 'string' as const } } } }
  return body ? { description, content: { 'application/json': { schema: body } } } : { description }
}

function refusals(hasBody: boolean) {
  return Object.fromEntries(
    Object.entries(REFUSALS)
      .filter(([status]) => hasBody || (status !== '413' && status !== '415'))
      .map(([status, description]) => [
        status,
        { description, content: { 'application/json': { schema: ErrorAnswer } } },
      ]),
  )
}
