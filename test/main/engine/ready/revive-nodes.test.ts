import { expect, test } from 'vitest'
import { reviveNodes } from '../../../../main/engine/ready/revive-nodes.ts'
import type { Lab } from '../../../../main/lab/lab.ts'
import { exampleText, read } from '../../../labs/testbed/example.ts'

/** A lab of which some nodes answer; what is switched is written down. */
function labWhere(answering: readonly string[]) {
  const switched: string[] = []
  const poked: string[] = []
  const host = (name: string) => ({
    connected: (signal: AbortSignal) =>
      answering.includes(name)
        ? Promise.resolve()
        : new Promise<void>((_, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
          ),
    poke: () => void poked.push(name),
  })
  const power = {
    switch: (outlet: string, on: boolean) => Promise.resolve(void switched.push(`${outlet} ${on ? 'on' : 'off'}`)),
  }
  return { lab: { testbed: read(exampleText('virtual.yaml')), host, power } as unknown as Lab, switched, poked }
}
const options = { onProgress: () => undefined, signal: new AbortController().signal, patienceMilliseconds: 20 }

test('who answers is left alone', async () => {
  const { lab, switched, poked } = labWhere(['nodea', 'nodeb'])
  await reviveNodes(lab, options)
  expect({ switched, poked }).toEqual({ switched: [], poked: [] })
})

test('who does not answer is switched off, then on, and its connection is made anew', async () => {
  const { lab, switched, poked } = labWhere(['nodea'])
  await reviveNodes(lab, options)
  expect({ switched, poked }).toEqual({ switched: ['pdu1/2 off', 'pdu1/2 on'], poked: ['nodeb'] })
})

test('one that was stopped meanwhile switches nothing', async () => {
  const { lab, switched } = labWhere([])
  const stop = new AbortController()
  const reviving = reviveNodes(lab, { ...options, patienceMilliseconds: 60_000, signal: stop.signal })
  stop.abort(new Error('stopped'))
  await expect(reviving).rejects.toThrow('stopped')
  expect(switched).toEqual([])
})
