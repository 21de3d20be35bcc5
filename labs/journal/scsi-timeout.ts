import { ofType } from './grouped.ts'
import type { Line, TestbedRecord } from './event.ts'

/** The kernel's own limit for a SCSI command (`SD_TIMEOUT` in drivers/scsi/sd.h, 30 s), milliseconds. */
export const defaultScsiTimeout = 30_000
/** by which `host.facts` tells the limit of a disk, in seconds; its WWID follows */
export const timeoutFact = 'timeout '

/**
 * How long a write of a node may be on its way before its kernel gives it up, milliseconds: the longest that any node says of
 * a data disk, and no less than the testbed says. A node that did not say has what the testbed says, else the kernel's own.
 */
export function scsiTimeoutOf(
  testbed: Pick<TestbedRecord, 'nodes' | 'luns' | 'scsiTimeout'>,
  lines: readonly Line[],
): number {
  const data = testbed.luns.filter(({ use }) => use === 'data')
  const facts = ofType(lines, 'host.facts')
  const said = testbed.nodes.flatMap(({ name }) =>
    data.map(({ wwid }) => {
      const seconds = Number(facts.find(({ host }) => host === name)?.facts[`${timeoutFact}${wwid}`] ?? Number.NaN)
      return seconds > 0 ? seconds * 1000 : (testbed.scsiTimeout ?? defaultScsiTimeout)
    }),
  )
  return Math.max(testbed.scsiTimeout ?? 0, ...said)
}
