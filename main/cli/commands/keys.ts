import { setTimeout as delay } from 'node:timers/promises'
import { foldClocks } from '../../../labs/journal/clock.ts'
import type { Line } from '../../../labs/journal/event.ts'
import { foldReadings } from '../../../labs/journal/key-tables.ts'
import { tables } from '../../../labs/journal/tables-at.ts'
import { panicWitnesses, nodesOf } from '../../../labs/testbed/parts.ts'
import { readKeysOnce } from '../../engine/observe/read-keys-once.ts'
import { openLab } from '../../lab/lab.ts'
import { loadTestbed } from '../../load-testbed.ts'
import type { Context, ExitStatus } from '../context.ts'
import { requireUp } from '../require-up.ts'
import { keyText } from '../../../labs/timeline/words.ts'
import { describe, keyNames } from '../show-run.ts'
import { textTable } from '../text-table.ts'

const watchMilliseconds = 1000

/** Prints the key table of every LUN as every host sees it, once or again and again. A failed read is shown as failed. */
export async function keys(
  name: string,
  context: Context,
  options: { json: boolean; watch: boolean },
): Promise<ExitStatus> {
  const loaded = loadTestbed(name)
  await requireUp(loaded, name)
  const lab = openLab(loaded)
  const stack = lab.stack.pure
  const names = keyNames({
    testbed: {
      // whichever cluster a row left there: no key belongs to two nodes
      nodes: stack.policies.flatMap((policy) =>
        nodesOf(loaded.testbed).map(({ name: node, node: part }) => ({
          name: node,
          id: part.id,
          keys: stack.nodeKeys(loaded.testbed.stack, part.id, { policy, parameters: {} }),
          panicWitnesses: panicWitnesses(part),
        })),
      ),
    } as never,
  })
  // with its reader gone, watching has no end of its own
  const over = AbortSignal.any([context.signal, ...(context.readerGone ? [context.readerGone] : [])])
  try {
    for (;;) {
      const lines: readonly Line[] = await readKeysOnce(lab, context.signal)
      const found = tables(foldReadings(lines, foldClocks(lines)))
      if (options.json) {
        const document = found.map(({ events: _events, ...table }) => ({
          ...table,
          ...(table.keys && { decoded: table.keys.map(keyText) }),
        }))
        context.print(JSON.stringify(document, null, options.watch ? 0 : 2))
      } else {
        if (options.watch && process.stdout.isTTY) process.stdout.write('\x1b[H\x1b[2J')
        const rows = found
          .toSorted((a, b) => a.lun.localeCompare(b.lun))
          .map((table) => [table.lun, table.viewer, String(table.generation ?? '-'), describe(table, names)])
        context.print(textTable([['LUN', 'as seen by', 'generation', 'keys and reservation'], ...rows]))
      }
      if (!options.watch) return 0
      await delay(watchMilliseconds, undefined, { signal: over }).catch((error: Error) => {
        if (!over.aborted) throw error
      })
      if (over.aborted) return 0
    }
  } finally {
    await lab.close()
  }
}
