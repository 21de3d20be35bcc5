import type { Sign, Stretch } from './lasted.ts'

/**
 * Storage that is out of reach answers nobody: a good answer that was asked for after the verification shows that it was not.
 * Keys that were cleared, and are there again before the row does anything else, were not lost.
 */
export function storageSigns(stretch: Stretch): readonly Sign[] {
  const { run, life, from, to } = stretch
  const { node, array, lun } = life.target
  const ofArray = run.started.testbed.luns.flatMap((one) => (one.array === array ? [one.name] : []))
  const isOut: Readonly<Record<string, (viewer: string, name: string) => boolean>> = {
    'storage-port-closed': (viewer) => viewer === node,
    'array-power-off': (_, name) => ofArray.includes(name),
  }
  const next = run.faults.flatMap(({ steps }) => steps.slice(0, 1)).find(({ seq }) => seq > from.seq)
  const mine = run.readings.filter(({ seq, began }) => seq > from.seq && seq <= to.seq && began.earliest > from.at)
  return mine.flatMap(({ seq, viewer, lun: name, answer }): Sign[] => {
    if (isOut[life.fault]?.(viewer, name))
      return [
        {
          seq,
          kind: answer.kind === 'failed' ? 'for' : 'against',
          text: answer.kind === 'failed' ? `${viewer} could not read ${name}` : `${viewer} read ${name}`,
        },
      ]
    if (life.fault !== 'keys-cleared' || name !== lun || answer.kind !== 'keys' || answer.keys.length === 0) return []
    return seq < (next?.seq ?? Infinity) ? [{ seq, kind: 'against', text: `${viewer} saw keys on ${name} again` }] : []
  })
}
