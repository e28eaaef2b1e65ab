import { z } from 'zod'

/** Parts that answers share. */
export const instant = z.iso.datetime()
export const person = z.object({ id: z.string(), displayName: z.string() })
