/** Where the simulated LUN goes beyond the model of persistent reservations, which has tests of its own. */
import { expect, it } from 'vitest'
import { createSimulatedLun } from '../../../labs/cluster/simulation/simulated-lun.ts'

it('a SCSI-2 reservation keeps everybody else out, reading and asking included', () => {
  const lun = createSimulatedLun('data1')
  expect(lun.execute('a', { kind: 'reserve-6' }).result).toBe('good')
  expect([lun.mayWrite('a'), lun.mayRead('a'), lun.mayWrite('b'), lun.mayRead('b')]).toEqual([true, true, false, false])
  for (const kind of ['reserve-6', 'test-unit-ready', 'read-keys', 'read-reservation'] as const) {
    expect([kind, lun.execute('b', { kind })]).toEqual([kind, { result: 'conflict', exit: 24 }])
  }
  expect(lun.execute('a', { kind: 'read-keys' }).result).toBe('conflict')
  expect(lun.execute('a', { kind: 'register-ignore', key: '0xa' }).result).toBe('conflict')
  expect(lun.execute('b', { kind: 'release-6' }).result).toBe('good')
  expect(lun.look().reservedBy).toBe('a')
  expect(lun.execute('a', { kind: 'release-6' }).result).toBe('good')
  expect(lun.look().reservedBy).toBeNull()
})

it('a reset drops it and tells everybody once', () => {
  const lun = createSimulatedLun('data1')
  lun.execute('a', { kind: 'reserve-6' })
  lun.execute('b', { kind: 'test-unit-ready' })
  expect(lun.execute('b', { kind: 'reset-lun' }).result).toBe('good')
  expect(lun.execute('b', { kind: 'reserve-6' })).toEqual({ result: 'unit-attention', exit: 6 })
  expect(lun.execute('b', { kind: 'reserve-6' }).result).toBe('good')
  expect(lun.execute('a', { kind: 'test-unit-ready' }).result).toBe('unit-attention')
  expect(lun.execute('a', { kind: 'test-unit-ready' }).result).toBe('conflict')
})

it('a reset leaves persistent reservations; while somebody is registered nobody reserves as in SCSI-2', () => {
  const lun = createSimulatedLun('data1')
  lun.execute('a', { kind: 'register-ignore', key: '0xa' })
  lun.execute('a', { kind: 'reserve', key: '0xa', type: 5 })
  lun.execute('b', { kind: 'reset-lun' })
  expect(lun.look()).toMatchObject({ keys: ['0xa'], reservation: { key: '0xa', type: 5 } })
  lun.execute('b', { kind: 'test-unit-ready' })
  expect(lun.execute('b', { kind: 'reserve-6' }).result).toBe('conflict')
})

it('exit statuses are those of sg_persist with the kernel as target', () => {
  const lun = createSimulatedLun('data1')
  const exits = [
    lun.execute('a', { kind: 'clear', key: '0xabc001' }),
    lun.execute('a', { kind: 'register', key: '0xabc001' }),
    lun.execute('a', { kind: 'register', key: '0xabc001' }),
    lun.execute('a', { kind: 'reserve', key: '0xabc001', type: 3 }),
    lun.execute('b', { kind: 'clear', key: '0xabc002' }),
    lun.execute('b', { kind: 'register', key: '0xabc002' }),
    lun.execute('b', { kind: 'reserve', key: '0xabc002', type: 3 }),
    lun.execute('b', { kind: 'clear', key: '0xabc002' }),
    lun.execute('a', { kind: 'read-reservation' }),
    lun.execute('a', { kind: 'read-reservation' }),
  ].map((answer) => answer.exit)
  expect(exits).toEqual([2, 0, 24, 0, 24, 0, 24, 0, 6, 0])
})

it('keys can vanish behind the back of everybody', () => {
  const lun = createSimulatedLun('coord1')
  lun.plant('a', '0xa')
  lun.clear()
  expect(lun.look()).toMatchObject({ keys: [], reservation: null })
})
