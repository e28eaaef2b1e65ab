import type { Route } from '../route.ts'
import { approvals } from './approvals.ts'
import { assignments } from './assignments.ts'
import { audit } from './audit.ts'
import { azure } from './azure.ts'
import { delegations } from './delegations.ts'
import { calendar, digest } from './digest.ts'
import { discovery } from './discovery.ts'
import { drift } from './drift.ts'
import { eligibilities } from './eligibilities.ts'
import { meta } from './meta.ts'
import { notices } from './notices.ts'
import { pages } from './pages.ts'
import { requests } from './requests.ts'
import { roleSettings } from './role-settings.ts'
import { signIn } from './sign-in.ts'
import { tiers } from './tiers.ts'
import { webhooks } from './webhooks.ts'

/** Everything that can be called. */
export const routes: Route[] = [
  ...requests,
  ...approvals,
  ...delegations,
  ...assignments,
  ...eligibilities,
  ...azure,
  ...roleSettings,
  ...drift,
  ...discovery,
  ...tiers,
  ...audit,
  ...notices,
  ...webhooks,
  ...digest,
  ...calendar,
  ...pages,
  ...signIn,
  ...meta(() => routes),
]
