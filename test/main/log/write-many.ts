/** One of several processes that write to one log at the same time. */
import { createLog } from '../../../main/log/log.ts'

const [folder = '', who = '', count = '0', maxBytes = '0', kept = '0'] = process.argv.slice(2)
const log = createLog({
  program: 'cli',
  folder,
  maxBytes: Number(maxBytes),
  kept: Number(kept),
  onUnwritable: (text) => process.stderr.write(text),
})
for (let number = 0; number < Number(count); number += 1) log.write('info', `line ${number}`, { who, number })
