import { ofType } from '../journal/run.ts'
import { parseArrayView, type ArrayReservations } from '../scsi/parse-array-view.ts'
import type { LineOf } from '../journal/event.ts'
import type { Case } from './case.ts'

/**
 * What the array itself said last of a LUN. It is asked all the time and written down when it says something new, so the last
 * view stands to the end; not so where the array, or the way to it, was lost afterwards. Undefined where there is no view, or
 * one that is not understood.
 * @param nonEmpty only views that show a registration count: the cluster empties the table again and again
 */
export function arrayViewOf(
  run: Case,
  lun: string,
  nonEmpty = false,
): (ArrayReservations & { readonly seq: number }) | undefined {
  const views = ofType(run.lines, 'array-keys').filter((line) => line.lun === lun)
  const [last] = views
    .toReversed()
    .flatMap((line) => {
      const view = parseArrayView(textOf(line, views))
      return view.ok && (!nonEmpty || view.registrations.length > 0)
        ? [{ ...view, seq: line.seq, host: line.host }]
        : []
    })
    .slice(0, 1)
  if (!last) return undefined
  const { host } = last
  const lost = run.lines.some(
    (line) =>
      line.seq > last.seq &&
      ((line.type === 'connection' && line.host === host && line.state === 'gone') ||
        (line.type === 'outlet' && line.state === 'off' && line.feeds.includes(host ?? '')) ||
        (line.type === 'fault' && line.fault === 'array-power-off' && line.target['array'] === host) ||
        // the sampler ended by itself (main/engine/observe/observers.ts)
        (line.type === 'note' && line.text.startsWith(`the array's own view on ${host ?? ''} came to its end`))),
  )
  return lost ? undefined : last
}

function textOf(line: LineOf<'array-keys'>, views: readonly LineOf<'array-keys'>[]): string {
  return line.same === undefined ? line.text : (views.find(({ seq }) => seq === line.same)?.text ?? '')
}
