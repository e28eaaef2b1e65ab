/**
 * One reason why something is refused: the rule that failed, the field it is about, and in plain words what
 * would satisfy it. Programs read `rule`, people read `message`.
 */
export type Denial = { rule: RuleName; target: string; message: string; claims?: string }

/**
 * The closed list. The first five are Microsoft's names for the policy rules of an activation; the others name
 * what Microsoft leaves unnamed.
 */
export type RuleName =
  | 'EligibilityRule'
  | 'ExpirationRule'
  | 'JustificationRule'
  | 'MfaRule'
  | 'TicketingRule'
  | 'AcrsRule'
  | 'ApprovalRule'
  | 'RequesterRule'
  | 'RoleRule'
  | 'BreakGlassRule'
