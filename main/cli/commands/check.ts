import { checkLab } from '../../engine/ready/check.ts'
import { openLab } from '../../lab/lab.ts'
import { loadTestbed } from '../../load-testbed.ts'
import type { Context, ExitStatus } from '../context.ts'
import { requireUp } from '../require-up.ts'
import { textTable } from '../text-table.ts'

/** Exit status 0: everything is there; 3: something is missing. */
export async function check(name: string, context: Context, json: boolean): Promise<ExitStatus> {
  const loaded = loadTestbed(name)
  if (loaded.warnings !== '') context.say(loaded.warnings)
  await requireUp(loaded, name)
  const lab = openLab(loaded)
  try {
    context.onProgress({ text: 'reaching every host, finding every LUN and link' })
    const items = await checkLab(lab, context.signal)
    const missing = items.filter(({ ok }) => !ok)
    if (json) context.print(JSON.stringify({ testbed: loaded.file, ok: missing.length === 0, items }, null, 2))
    else {
      const rows = items.map(({ subject, name: what, host, ok, text }) => [
        ok ? 'ok' : 'MISSING',
        subject,
        what,
        host ?? '',
        text,
      ])
      context.print(textTable([['', 'what', 'name', 'on', 'result'], ...rows]))
      context.print(
        missing.length === 0
          ? '\nEverything is there.'
          : `\n${missing.length} of ${items.length} are not as they should be.`,
      )
    }
    return missing.length === 0 ? 0 : 3
  } finally {
    await lab.close()
  }
}
