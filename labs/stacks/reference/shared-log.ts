import type { TestbedRecord } from '../../journal/event.ts'

/**
 * Whether the cluster of a recording keeps a log that all nodes write to: as it was configured, else by its policy (the default in
 * labs/cluster/config.ts); undefined where neither tells.
 */
export function keepsSharedLog({ policy, parameters }: TestbedRecord['stack']): boolean | undefined {
  const declared = (parameters['ledger'] as { readonly shared?: unknown } | undefined)?.shared
  if (typeof declared === 'boolean') return declared
  return policy === 'coordinator-race' ? undefined : true
}
