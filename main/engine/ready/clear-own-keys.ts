import { mostAttentions } from '../../../labs/scsi/exit-status.ts'
import { readKeysTraced, readKeyTable } from '../../../labs/scsi/read-key-table.ts'
import { nodesOf } from '../../../labs/testbed/parts.ts'
import type { Lab } from '../../lab/lab.ts'

/**
 * Clears what an earlier cluster left on the LUNs of the testbed, as the operator does before a start (the documented
 * clearing of a pre-existing split brain): register, then CLEAR. Only where every key is one of this cluster's own: a
 * key of somebody else is never touched, and the start then fails and says so.
 * @throws Error naming the LUN and the foreign key
 */
export async function clearOwnKeys(
  lab: Lab,
  host: string,
  devices: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  if (!lab.testbed.destructive)
    throw new Error(`${lab.file} does not say "destructive: true": nothing is written to its LUNs`)
  for (const [lun, { use }] of Object.entries(lab.testbed.luns)) {
    const device = devices.get(lun)
    if (device === undefined) throw new Error(`${host} does not see LUN ${lun}`)
    const own = nodesOf(lab.testbed).flatMap(({ node }) => lab.stack.pure.everyKey(lab.testbed.stack, node.id, use))
    const read = () =>
      lab.run(host, {
        purpose: `keys on ${lun}`,
        argv: [...readKeysTraced, device],
        expected: [0, 6],
        timeoutMs: 15_000,
        signal,
      })
    // several unit attentions may be queued, after a reset and a change of the LUN
    let answer = await read()
    for (let attempt = 1; answer.exit === 6 && attempt <= mostAttentions; attempt++) answer = await read()
    const table = readKeyTable(answer)
    if (!table.ok) throw new Error(`the keys on ${lun} could not be read through ${host}: ${table.why}`)
    if (table.keys.length === 0) continue
    const foreign = table.keys.find((key) => !own.includes(key))
    if (foreign !== undefined) {
      throw new Error(`${lun} carries the key ${foreign}, which is none of this cluster's: is it used by another one?`)
    }
    const key = own[0] ?? ''
    const out = async (words: readonly string[]) =>
      lab.run(host, {
        purpose: `clear what is left on ${lun}`,
        argv: ['sg_persist', '-n', '-o', ...words, device],
        timeoutMs: 15_000,
        signal,
      })
    await out(['-I', '-S', key])
    await out(['-C', '-K', key])
  }
}
