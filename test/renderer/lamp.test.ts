import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { LabState } from '../../preload/contract/lab.ts'
import { labLamp, type LampInput } from '../../renderer/state/lamp.ts'

const host = (name: string, state: LabState['connections'][number]['state'] = 'connected') => ({
  host: name,
  state,
  reason: '',
})
const fault = (state: LabState['standing'][number]['state'] = 'in-force') => ({
  id: 'hand-1',
  fault: 'private-link-down',
  title: 'x',
  target: {},
  state,
  evidence: '',
})
const lamp = (lab: Partial<LampInput['lab']>, over: Partial<LampInput> = {}) => {
  const { look, text } = labLamp({
    connection: 'connected',
    lostSince: undefined,
    lab: {
      state: 'green',
      progress: null,
      connections: [host('a'), host('b')],
      standing: [],
      bed: { virtual: true },
      ...lab,
    },
    control: { stopping: false },
    ...over,
  })
  return `${look}: ${text}`
}

it.each([
  [lamp({}), 'green: all green'],
  [lamp({ standing: [fault()] }), 'warn: 1 fault injected by hand'],
  [lamp({ standing: [fault(), fault('doubtful')] }), 'warn: 2 faults injected by hand, 1 in doubt'],
  [lamp({ connections: [host('a'), host('b', 'gone')] }), 'warn: not green: b not reached'],
  [lamp({ state: 'open' }), 'open: connected, read-only'],
  [
    lamp({ state: 'open', connections: ['a', 'b', 'c', 'd'].map((one) => host(one, 'gone')) }),
    'failed: no host reached',
  ],
  [
    lamp({ state: 'open', connections: [host('a'), ...['b', 'c', 'd'].map((one) => host(one, 'connecting'))] }),
    'partly: not reached: b, c and 1 more',
  ],
  [lamp({ state: 'open', connections: [] }), 'off: no host to connect to'],
  [lamp({}, { connection: 'lost', lostSince: '14:02:11' }), 'unknown: unknown since 14:02:11'],
  [lamp({ state: 'busy' }, { connection: 'lost', lostSince: '14:02:11' }), 'unknown: unknown since 14:02:11'],
  [lamp({}, { connection: 'connecting' }), 'unknown: unknown: not connected to the engine'],
  [lamp({ state: 'busy' }, { control: { stopping: true } }), 'work: stopping: taking back what is injected'],
  [lamp({ state: 'down' }), 'off: not running'],
])('the lamp says %s', (said, expected) => expect(said).toBe(expected))

it('is green only where everything is known to be well', () => {
  const state = fc.constantFrom<LabState['connections'][number]['state']>('connected', 'connecting', 'slow', 'gone')
  fc.assert(
    fc.property(
      fc.constantFrom<LampInput['connection']>('connected', 'connecting', 'lost', 'refused'),
      fc.constantFrom<LabState['state']>('closed', 'down', 'starting', 'open', 'green', 'busy', 'stopping', 'failed'),
      fc.array(state, { maxLength: 4 }),
      fc.array(fc.constantFrom('applying', 'in-force', 'doubtful', 'reverting'), { maxLength: 2 }),
      (connection, now, connections, standing) => {
        const said = lamp(
          {
            state: now,
            connections: connections.map((one, index) => host(`h${index}`, one)),
            standing: standing.map((one) => fault(one)),
          },
          { connection },
        )
        if (!said.startsWith('green:') && !said.includes('all green')) return
        expect([
          connection,
          now,
          standing,
          connections.filter((one) => one === 'gone' || one === 'connecting'),
        ]).toEqual(['connected', 'green', [], []])
      },
    ),
  )
})
