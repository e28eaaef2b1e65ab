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
  500: 'Something went wrong here; the request id finds it in the log.',
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
  { name, who, summary, params, query, body, isBodyOptional, form, answers }: Route,
  method: string,
): ZodOpenApiOperationObject {
  const parameters = { ...(params && { path: params }), ...(query && { query }) }
  const isPage = Object.values(answers).some(({ html }) => html)
  return {
    operationId: method === 'GET' || method === 'POST' ? name : `${name}${method}`,
    summary,
    description: WHO[who],
    security: who === 'anyone' ? [] : [{ entra: [] }],
    ...(Object.keys(parameters).length > 0 && { requestParams: parameters }),
    ...(body && {
      requestBody: { required: !isBodyOptional, content: { 'application/json': { schema: body } } },
    }),
    ...(form && { requestBody: { required: true, content: { [FORM]: { schema: form } } } }),
    responses: {
      ...refusals(body !== undefined || form !== undefined, isPage),
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, success(answer)])),
    },
  }
}

const WHO = {
  anyone: 'For anyone, without a token.',
  user: 'For people of the tenant; app-only tokens are refused.',
  administrator: 'For holders of Global Administrator or Privileged Role Administrator.',
  reader: 'For administrators, Global Reader, Security Administrator and Security Reader.',
}

const PAGE = { 'text/html': { schema: { type: 'string' as const } } }
const FORM = 'application/x-www-form-urlencoded'

function success({ description, body, html, type, location }: Answer) {
  const headers = location && { headers: { Location: header(location) } }
  if (type) return { description, content: { [type]: { schema: { type: 'string' as const } } } }
  if (html) return { description, ...headers, content: PAGE }
  return { description, ...headers, ...(body && { content: { 'application/json': { schema: body } } }) }
}

/** What is refused is told in one form; on a page in words. Nobody is asked for a token there. */
function refusals(hasBody: boolean, isPage: boolean) {
  const content = isPage ? PAGE : { 'application/json': { schema: ErrorAnswer } }
  return Object.fromEntries(
    Object.entries(REFUSALS)
      .filter(([status]) => hasBody || (status !== '413' && status !== '415'))
      .filter(([status]) => !isPage || status !== '401')
      .map(([status, description]) => {
        const headers = isPage ? undefined : HEADERS[status]
        return [status, { description, content, ...(headers && { headers }) }]
      }),
  )
}

const header = (description: string) => ({ description, schema: { type: 'string' as const } })
const HEADERS: Record<string, Record<string, ReturnType<typeof header>>> = {
  401: { 'WWW-Authenticate': header('Bearer: where a token is had, and the claims that it must carry.') },
  503: { 'Retry-After': header('In how many seconds to try again.') },
}
