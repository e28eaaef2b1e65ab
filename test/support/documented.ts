import { z } from 'zod'
import { openApi } from '../../functions/openapi.ts'
import { routes } from '../../functions/routes/index.ts'

type Content = Record<string, { schema: object }>
type Operation = { responses: Record<string, { content?: Content }> }

/** As whoever reads it has it: JSON, and nothing of the code that it was made by. */
const text = JSON.stringify(openApi(routes, 'https://interim.example'))
const { paths, components } = JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}
const templates = Object.keys(paths).map((path) => ({
  path,
  fits: new RegExp(`^${path.replaceAll('.', '[.]').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}))
const compiled = new Map<object, z.ZodType>()

function checkerOf(schema: object): z.ZodType {
  const made = compiled.get(schema) ?? z.fromJSONSchema({ ...schema, $defs: components.schemas } as never)
  compiled.set(schema, made)
  return made
}

/** What leads elsewhere has nothing to show. */
const isElsewhere = (status: number) => status >= 300 && status < 400

/** What an answer has that the API's own document does not say: its status, the kind of its body, a field. Null: nothing. */
export function undocumented(
  method: string,
  address: string,
  { status, body, headers }: { status: number; body: unknown; headers: Headers },
): string | null {
  const { pathname } = new URL(address, 'http://host')
  const path = templates.find(({ fits }) => fits.test(pathname))?.path
  const operation = paths[path ?? '']?.[method.toLowerCase()]
  if (!operation) return null // no function of ours has answered
  const said = `${method} ${path}`
  const answer = operation.responses[status]
  if (!answer) return `${said}: ${status} is not documented`
  const type = headers.get('content-type')?.replace(/;.*/, '') ?? ''
  if (type === '' && (!answer.content || isElsewhere(status))) return null
  const content = answer.content?.[type]
  if (!content) return `${said}: ${status} of type "${type}" is not documented`
  if (type !== 'application/json') return null
  const fault = checkerOf(content.schema).safeParse(body).error
  return fault ? `${said}: ${status} ${z.prettifyError(fault)}` : null
}
