import type { HttpRequest, HttpResponseInit } from '@azure/functions'
import type { z } from 'zod'
import type { Who } from '../src/api/authority.ts'
import type { App } from '../src/app.ts'
import type { Caller, Ports, Workflows } from '../src/ports.ts'

/** `type`: of what is neither JSON nor a page. `location`: what the header of that name says. */
export type Answer = { description: string; body?: z.ZodType; html?: true; type?: string; location?: string }

/**
 * One route: what it is called, who may call it, what it takes and what it answers. The same table registers the
 * functions, admits callers, checks what they send, and writes the OpenAPI document.
 */
export type Route = {
  /** The function's name. The host tries routes in the order of names; no two of ours overlap. */
  name: string
  methods: readonly ('GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE')[]
  path: string
  who: Who
  summary: string
  params?: z.ZodObject
  query?: z.ZodObject
  body?: z.ZodType
  /** Nothing sent is `{}`. */
  isBodyOptional?: true
  /** What the form of a page sends: the route reads it itself, once it knows who has sent it. */
  form?: z.ZodObject
  answers: Record<number, Answer>
  handle(call: Call): Promise<HttpResponseInit>
}

/** A call that has been admitted and checked. */
export type Call = {
  app: App
  ports: Ports
  workflows: Workflows
  request: HttpRequest
  /** What an error means to the caller, where several answers go into one. */
  errorOf(error: unknown): { status: number; claims: string | null; error: object }
  /** Whoever calls; on routes for anyone there may be nobody. */
  caller: Caller
  params: Record<string, string>
  // biome-ignore lint/suspicious/noExplicitAny: checked by the route's own schema, which types it where it is used
  query: any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  body: any
}

type Checked<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = Omit<
  Call,
  'params' | 'query' | 'body'
> & {
  params: z.infer<P>
  query: z.infer<Q>
  body: z.infer<B>
}

type Typed<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = Omit<
  Route,
  'params' | 'query' | 'body' | 'handle'
> & {
  params?: P
  query?: Q
  body?: B
  handle(call: Checked<P, Q, B>): Promise<HttpResponseInit>
}

/** Types what a route is called with by its own schemas. */
export function route<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
  shape: Typed<P, Q, B>,
): Route {
  return shape as unknown as Route
}

export const json = (status: number, jsonBody: unknown): HttpResponseInit => ({ status, jsonBody })

/** What was made, and where it is found from now on; of a dry run, which makes nothing, the id is empty. */
export const created = ({ publicUrl }: App, path: string, made: { id: string }): HttpResponseInit => ({
  ...json(201, made),
  ...(made.id && { headers: { Location: `${publicUrl}/api/${path}/${made.id}` } }),
})
