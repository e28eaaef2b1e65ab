import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { jwtVerify } from 'jose'
import { installClock } from '../clock.ts'
import { arm } from './arm/arm.ts'
import { ARM } from './arm/seed-azure.ts'
import type { Service } from './control/calls.ts'
import { control } from './control/control.ts'
import { spoil } from './control/faults.ts'
import { UnknownName } from './directory/names.ts'
import { graph } from './graph/graph.ts'
import type { Caller } from './graph/routes.ts'
import { type Answer, type Call, decode, readCall, send, TooLarge } from './http.ts'
import { lettersAnswer, mailboxAnswer } from './mail/pages.ts'
import { GRAPH, TENANT_ID } from './seed.ts'
import { issuer } from './sign-in/claims.ts'
import { KeyRing } from './sign-in/keys.ts'
import { scriptToken } from './sign-in/script-token.ts'
import { makeSignIn, type SignIn } from './sign-in/sign-in.ts'
import { Tenant } from './tenant.ts'
import { welcome } from './welcome.ts'

/** Starts the tenant in this process, whose clock it takes over. */
export async function startTenant({
  port,
  appUrl,
}: {
  port: number
  appUrl: string
}): Promise<{ url: string; server: Server }> {
  const clock = installClock()
  const keys = await KeyRing.make()
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const tenant = new Tenant({ origin, appUrl, clock, keys })
  const signIn = makeSignIn(tenant)
  server.on('request', (req, res) => {
    handle(req, res, tenant, signIn).catch((error) => {
      if (req.errored) return // the caller hung up
      if (error instanceof TooLarge)
        return send(res, {
          status: 413,
          body: { error: { code: 'RequestEntityTooLarge', message: error.message } },
        })
      console.error(error)
      if (!res.headersSent)
        send(res, { status: 500, body: { error: { code: 'InternalServerError', message: `${error}` } } })
    })
  })
  return { url: origin, server }
}

const HOSTS = /^(127\.0\.0\.1|localhost)(:\d+)?$/

function serviceOf(path: string): Service | undefined {
  if (path.startsWith('/v1.0/') || path.startsWith('/beta/')) return 'graph'
  if (/^\/(subscriptions|providers)([/?]|$)/i.test(path)) return 'arm'
  if (path.startsWith('/emails')) return 'mail'
  if (path.startsWith(`/${TENANT_ID}/`)) return 'signin'
  return undefined
}

async function handle(
  req: IncomingMessage,
  res: ServerResponse,
  tenant: Tenant,
  signIn: SignIn,
): Promise<void> {
  const target = req.url ?? '/'
  const service = serviceOf(target)
  // A page elsewhere could have its own name lead to this machine, and then read and steer everything here.
  if (!HOSTS.test(req.headers.host ?? ''))
    return send(res, { status: 421, body: { error: 'Not this host.' } })
  res.setHeader('Date', new Date().toUTCString())
  if (service) {
    const logged = tenant.calls.add({ service, method: req.method ?? 'GET', path: decode(target) })
    res.once('finish', () => {
      logged.status = res.statusCode
    })
    const fault = tenant.faults.hit(service, req.method ?? 'GET', target)
    if (fault) {
      logged.fault = fault.id
      if (spoil(fault, res)) return
    }
  }
  if (service === 'signin') return signIn.handle(req, res)
  send(res, await answer(await readCall(req), tenant, signIn))
}

async function answer(call: Call, tenant: Tenant, signIn: SignIn): Promise<Answer> {
  const { path } = call
  if (path.startsWith('/v1.0/'))
    return graph(call, tenant.directory, (token) => authenticate(token, tenant, GRAPH))
  if (serviceOf(path) === 'arm')
    return arm(call, tenant.azure, tenant.directory, (token) => authenticate(token, tenant, ARM))
  if (path.startsWith('/emails')) return tenant.mail.answer(call)
  if (path.startsWith('/letters')) return lettersAnswer(call, tenant.letters)
  if (path.startsWith('/mailbox')) return mailboxAnswer(call, tenant.mailbox)
  if (path.startsWith('/control/')) return control(call, tenant, signIn)
  if (path === '/token') return token(call, tenant)
  if (path === '/') return welcome(tenant)
  return { status: 404, body: { error: { code: 'NotFound', message: `The tenant has nothing at ${path}.` } } }
}

async function token(call: Call, tenant: Tenant): Promise<Answer> {
  try {
    return await scriptToken(call, tenant)
  } catch (error) {
    const status = error instanceof UnknownName ? 404 : 400
    return {
      status,
      headers: { 'Content-Type': 'text/plain; charset=utf-8' },
      body: `${(error as Error).message}\n`,
    }
  }
}

/** Graph's and ARM's own check of their callers. Audiences stand in tokens with and without a slash at their end. */
async function authenticate(
  text: string,
  { keys, origin }: Tenant,
  audience: string,
): Promise<Caller | undefined> {
  try {
    const { payload } = await jwtVerify(text, keys.verifier(), {
      audience: [audience, `${audience}/`],
      issuer: issuer(origin),
      algorithms: ['RS256'],
    })
    const scopes = `${payload.scp ?? ''}`.split(' ').filter(Boolean)
    const roles = Array.isArray(payload.roles) ? payload.roles : []
    return { id: `${payload.oid}`, permissions: new Set([...scopes, ...roles]) }
  } catch {
    return undefined
  }
}
