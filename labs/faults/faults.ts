import type { Fault } from './fault.ts'
import { privateLinkDown } from './private-link-down.ts'
import { vmFreeze } from './vm-freeze.ts'

/** Every fault the lab can inject, by name. */
export const faults: Readonly<Record<string, Fault>> = Object.fromEntries(
  [privateLinkDown, vmFreeze].map((fault) => [fault.name, fault]),
)
