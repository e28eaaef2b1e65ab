import { z } from 'zod'
import { isReader } from '../../src/api/authority.ts'
import { calendarAt } from '../../src/api/calendar.ts'
import { DigestAnswer, getDigest } from '../../src/api/digests.ts'
import {
  chooseDigest,
  makeCalendar,
  myCalendar,
  myNotifications,
  NotificationChoice,
  revokeCalendar,
} from '../../src/api/own-settings.ts'
import { forbidden, notFound } from '../../src/api/refused.ts'
import { WeekId, weekBefore } from '../../src/domain/week.ts'
import type { Ports } from '../../src/ports.ts'
import {
  digestPage,
  digestSignInPage,
  unsubscribedPage,
  unsubscribePage,
} from '../../src/words/digest-letter.ts'
import { pageResponse } from '../page-response.ts'
import { json, type Route, route } from '../route.ts'
import { sessionOf } from './sign-in.ts'

const Week = z
  .string()
  .refine((week) => week === 'current' || WeekId.safeParse(week).success, {
    message: 'must be an ISO 8601 week that its year has, such as 2026-W47, or "current"',
  })
  .meta({ description: 'An ISO 8601 week such as 2026-W47, or `current`: this week so far.' })
const Token = z.object({ token: z.string().max(2000) })
const html = (description: string) => ({ 200: { description, html: true as const } })
const SIGN_IN = `/api/sign-in?returnTo=${encodeURIComponent('/api/digest')}`

export const digest: Route[] = [
  route({
    name: 'digestGet',
    methods: ['GET'],
    path: 'digests/{week}',
    who: 'reader',
    summary:
      'The digest of a week, as it was sent; of this week so far; of one without a digest what was counted.',
    params: z.object({ week: Week }),
    answers: { 200: { description: 'The digest.', body: DigestAnswer } },
    async handle({ ports, params }) {
      return json(200, await getDigest(ports, params.week))
    },
  }),
  route({
    name: 'digestPage',
    methods: ['GET', 'HEAD'],
    path: 'digest',
    who: 'anyone',
    summary: 'The same as a page, for administrators and readers who are signed in.',
    query: z.strictObject({ week: Week.default('current') }),
    answers: html('The digest, or the way to sign in.'),
    async handle({ app, ports, query, request }) {
      const session = await sessionOf(app, request)
      if (!session) return pageResponse(200, digestSignInPage(SIGN_IN))
      if (!(await isReader(ports, session)))
        throw forbidden(
          'The digest is for administrators, Global Reader, Security Administrator and Security Reader.',
        )
      const shown = await getDigest(ports, query.week)
      const about = { tenantName: ports.tenantName, timeZone: ports.digestTime.timeZone }
      const others = [
        { label: 'The week before', address: `/api/digest?week=${weekBefore(shown.week)}` },
        { label: 'This week so far', address: '/api/digest' },
      ]
      return pageResponse(200, digestPage(shown, about, others))
    },
  }),
  route({
    name: 'digestUnsubscribePage',
    methods: ['GET', 'HEAD'],
    path: 'digest/unsubscribe/{token}',
    who: 'anyone',
    summary: 'The page behind a digest’s unsubscribe link. Opening it ends nothing.',
    params: Token,
    answers: html('The question.'),
    async handle({ ports, params: { token } }) {
      await whose(ports, token)
      return pageResponse(200, unsubscribePage(`/api/digest/unsubscribe/${token}`))
    },
  }),
  route({
    name: 'digestUnsubscribe',
    methods: ['POST'],
    path: 'digest/unsubscribe/{token}',
    who: 'anyone',
    summary:
      'No more weekly digests for whom the link was mailed to; by the page, or by one click in the mail program (RFC 8058).',
    params: Token,
    answers: html('Done.'),
    async handle({ ports, params: { token } }) {
      await chooseDigest(ports, await whose(ports, token), false, 'By the link in the mail.')
      return pageResponse(200, unsubscribedPage())
    },
  }),
  route({
    name: 'myNotifications',
    methods: ['GET'],
    path: 'me/notifications',
    who: 'user',
    summary: 'What I have chosen to be told.',
    answers: { 200: { description: 'My choice.', body: NotificationChoice } },
    async handle({ ports, caller }) {
      return json(200, await myNotifications(ports, caller))
    },
  }),
  route({
    name: 'myNotificationsChoose',
    methods: ['PATCH'],
    path: 'me/notifications',
    who: 'user',
    summary: 'Choose what I am told.',
    body: NotificationChoice,
    answers: { 200: { description: 'My choice from now on.', body: NotificationChoice } },
    async handle({ ports, caller, body }) {
      await chooseDigest(ports, caller, body.weeklyDigest)
      return json(200, await myNotifications(ports, caller))
    },
  }),
]

/** The link proves who was mailed, and it ends only what they were mailed. */
async function whose({ links, directory }: Ports, token: string) {
  const personId = links.readUnsubscribe(token)
  const person = personId && (await directory.person(personId))
  if (!person)
    throw notFound('This link is not valid. To end the digest otherwise: PATCH /api/me/notifications.')
  return { id: person.id, displayName: person.displayName }
}

export const calendar: Route[] = [
  route({
    name: 'calendarFeed',
    methods: ['GET', 'HEAD'],
    path: 'calendar/{token}.ics',
    who: 'anyone',
    summary:
      'Somebody’s own expiring and scheduled access, as a calendar: for whoever has the secret address.',
    params: z.object({ token: z.string().max(200) }),
    answers: { 200: { description: 'An iCalendar file (RFC 5545).', type: 'text/calendar' } },
    async handle({ app, ports, params: { token } }) {
      const body = await calendarAt(ports, token, new URL(app.publicUrl).hostname)
      return {
        status: 200,
        headers: {
          'Content-Type': 'text/calendar; charset=utf-8',
          'Content-Disposition': 'inline; filename="privileged-access.ics"',
        },
        body,
      }
    },
  }),
  route({
    name: 'myCalendar',
    methods: ['GET'],
    path: 'me/calendar',
    who: 'user',
    summary: 'Is there a calendar feed of mine, and since when? Its address is not told again.',
    answers: {
      200: {
        description: 'Whether there is one.',
        body: z.object({ isOn: z.boolean(), createdDateTime: z.iso.datetime().nullable() }),
      },
    },
    async handle({ ports, caller }) {
      return json(200, await myCalendar(ports, caller))
    },
  }),
  route({
    name: 'myCalendarMake',
    methods: ['POST'],
    path: 'me/calendar',
    who: 'user',
    summary:
      'A calendar feed of mine at a new secret address; the one before is worth nothing from then on. No body.',
    answers: {
      201: { description: 'The address, told this once.', body: z.object({ address: z.url() }) },
    },
    async handle({ ports, caller }) {
      return json(201, await makeCalendar(ports, caller))
    },
  }),
  route({
    name: 'myCalendarRevoke',
    methods: ['DELETE'],
    path: 'me/calendar',
    who: 'user',
    summary: 'Take my calendar feed back.',
    answers: { 204: { description: 'There is none.' } },
    async handle({ ports, caller }) {
      await revokeCalendar(ports, caller)
      return { status: 204 }
    },
  }),
]
