/** READ KEYS and READ FULL STATUS of one logical unit, held against each other. */
import type { FullStatus, KeyTable } from './listing.ts'

/**
 * Whether two answers of the same PR generation list the same keys, each as often (READ KEYS and READ FULL STATUS both
 * carry one per registered I_T nexus, spc4r17 6.13.2 and 6.13.5). `different-generations`: they say nothing of
 * each other.
 * A disagreement is a cut text or a defect of the device (SPDK once answered READ FULL STATUS keys in the wrong byte
 * order, spdk/spdk issue 3699), or, on a target that removes a key without raising the generation, a change between.
 */
export function compareListings(
  keys: Pick<KeyTable, 'generation' | 'keys'>,
  status: Pick<FullStatus, 'generation' | 'entries'>,
):
  | 'agree'
  | 'different-generations'
  | { readonly onlyInKeys: readonly string[]; readonly onlyInStatus: readonly string[] } {
  if (keys.generation !== status.generation) return 'different-generations'
  const onlyInStatus = status.entries.map((entry) => entry.key)
  const onlyInKeys: string[] = []
  for (const key of keys.keys) {
    const found = onlyInStatus.indexOf(key)
    if (found < 0) onlyInKeys.push(key)
    else onlyInStatus.splice(found, 1)
  }
  return onlyInKeys.length + onlyInStatus.length === 0 ? 'agree' : { onlyInKeys, onlyInStatus }
}
