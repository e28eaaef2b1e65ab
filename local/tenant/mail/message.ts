import { z } from 'zod'

const address = z.object({
  address: z.string().regex(/^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/, 'is not an e-mail address'),
  displayName: z.string().optional(),
})

/** The body of `emails:send`, as the service checks it. */
export const message = z.object({
  senderAddress: z.string(),
  content: z
    .object({ subject: z.string().min(1), plainText: z.string().optional(), html: z.string().optional() })
    .refine((c) => c.plainText || c.html, 'needs plainText or html'),
  recipients: z.object({
    to: z.array(address).default([]),
    cc: z.array(address).default([]),
    bcc: z.array(address).default([]),
  }),
  headers: z.record(z.string(), z.string()).default({}),
  replyTo: z.array(address).default([]),
  attachments: z
    .array(z.object({ name: z.string(), contentType: z.string(), contentInBase64: z.base64() }))
    .default([]),
  userEngagementTrackingDisabled: z.boolean().optional(),
})

export type Message = z.infer<typeof message>
