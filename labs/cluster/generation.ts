/**
 * The number of a membership: when the cluster was formed (incarnation of the node that formed it), how many races were
 * won since (and one more if its data disks were reserved by an earlier cluster), how many other changes. Compared from left
 * to right. A race outranks any number of joins on the other side of a partition, so a node that was ejected always finds
 * the winner's membership newer than its own.
 */
export type Generation = readonly [formed: number, fences: number, changes: number]

/** Negative: `left` is older; zero: the same; positive: newer. */
export function compareGenerations(left: Generation, right: Generation): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2]
}
