import { nodesOf } from '../testbed/parts.ts'
import { stackOf } from '../stacks/stack-of.ts'
import type { CommandCheck, Fault } from './fault.ts'
import { deadMan, disarm } from './fault.ts'
import { readKeysTraced, readKeyTable } from '../scsi/read-key-table.ts'

/** Finds the device of a WWID ($3) without starting a process: names like sdX move with every login. */
const findDevice = `device=
for block in /sys/block/*; do
  [ -r "$block/device/wwid" ] && read -r found <"$block/device/wwid" && [ "$found" = "$3" ] && device=/dev/\${block##*/}
done
[ -n "$device" ] || { echo "no disk has the WWID $3" >&2; exit 1; }`

/** a unit attention is told once: the command after it is carried out */
const twice = (command: string) => `${command} || ${command}`
/** Several unit attentions may be queued (after a reset and a change of the LUN): each is told to one command. */
const drained = (
  command: string,
) => `for attempt in 1 2 3 4 5 6; do ${command} && exit; code=$?; [ $code = 6 ] || break; done
exit $code`

/** What the last of several traced calls printed: each begins with the device that it opens (sg3_utils, -vv). */
const lastCallOf = (stderr: string) => stderr.split(/^(?=open \S+ with flags=)/m).at(-1) ?? ''

/**
 * The keys on a coordination point are lost, behind the cluster's back: somebody clears them. The table of the LUN must be
 * empty. Taking it back is what vxfenswap does on a cluster in service: every node registers its key again.
 */
export const keysCleared: Fault = {
  name: 'keys-cleared',
  title: "clears the keys on a coordination point behind the cluster's back",
  target: ['lun'],
  // whoever registers again is the cluster's matter
  lasts: 'once',
  plan(testbed, { lun = '' }, { id, deadManSeconds }) {
    const found = testbed.luns[lun]
    if (!found) throw new Error(`the testbed has no LUN ${lun}`)
    if (found.use !== 'coordination')
      throw new Error(`${lun} is no coordination point: without its reservation a data disk is open to everybody`)
    const nodes = nodesOf(testbed).map(({ name, node }) => ({
      name,
      key: stackOf(testbed).nodeKeys(testbed.stack, node.id).coordination,
    }))
    const [first] = nodes
    if (!first) throw new Error('the testbed has no node')
    const words = (key: string) => [String(deadManSeconds), id, found.wwid, key]
    const register = `${findDevice}\n${twice('sg_persist -n -o -I -S "$4" "$device"')}`
    const keys = (wanted: (keys: readonly string[]) => boolean): CommandCheck => ({
      kind: 'command',
      host: first.name,
      purpose: `keys on ${lun}`,
      argv: [
        'sh',
        '-c',
        `${findDevice}\n${drained(`${readKeysTraced.join(' ')} "$device"`)}`,
        'keys',
        '',
        '',
        found.wwid,
      ],
      expected: [0],
      timeout: 15_000,
      read({ exit, stdout, stderr }) {
        // an array that is out of reach gives an empty table, too
        const table = readKeyTable({ exit, stdout, stderr: lastCallOf(stderr) })
        if (!table.ok) return { ok: false, evidence: `the keys on ${lun} could not be read: ${table.why}` }
        return { ok: wanted(table.keys), evidence: `${lun} has the keys ${table.keys.join(', ') || 'none'}` }
      },
    })
    return {
      apply: [
        // the timers first: each node would register again by itself
        nodes.map(({ name, key }) => ({
          kind: 'command',
          host: name,
          purpose: `let ${name} register again on ${lun} if the lab is gone`,
          argv: [
            'sh',
            '-c',
            `${findDevice}\n${deadMan('sg_persist -n -o -I -S "$4" "$5" || sg_persist -n -o -I -S "$4" "$5"').replace('"$file" "$@"', '"$file" "$@" "$device"')}`,
            'fault',
            ...words(key),
          ],
        })),
        [
          {
            kind: 'command',
            host: first.name,
            purpose: `clear the keys on ${lun}`,
            argv: [
              'sh',
              '-c',
              `${findDevice}\n${twice('sg_persist -n -o -C -K "$4" "$device"')}`,
              'clear',
              ...words(first.key),
            ],
          },
        ],
      ],
      verify: [keys((seen) => seen.length === 0)],
      revert: nodes.map(({ name, key }) => ({
        kind: 'command',
        host: name,
        purpose: `register ${name} on ${lun} again`,
        argv: ['sh', '-c', `${disarm}\n${register}`, 'fault', ...words(key)],
      })),
      gone: [keys((seen) => nodes.every(({ key }) => seen.includes(key)))],
      timers: nodes.map(({ name, key }) => ({ host: name, words: words(key) })),
      undoText: `the keys on coordination point ${lun} are cleared`,
    }
  },
}
