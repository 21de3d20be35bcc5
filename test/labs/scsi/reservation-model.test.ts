import { describe, expect, it } from 'vitest'
import { apply, losePower, mayAccess, type ReservationCommand } from '../../../labs/scsi/reservation-model.ts'
import {
  emptyReservationState,
  fullStatusOf,
  iscsiNexus,
  keysOf,
  linuxTargetBehaviour,
  reservationOf,
  type Nexus,
  type ReservationState,
} from '../../../labs/scsi/reservation-state.ts'
import { reservationTypes, type ReservationTypeCode } from '../../../labs/scsi/reservation-type.ts'

const a = iscsiNexus('iqn.2026-11.lab:a')
const b = iscsiNexus('iqn.2026-11.lab:b')
const c = iscsiNexus('iqn.2026-11.lab:c')
const nameOf = new Map<Nexus, string>([
  [a, 'a'],
  [b, 'b'],
  [c, 'c'],
])

type Step = readonly [Nexus, ReservationCommand]
const register = (nexus: Nexus, newKey: string, persist = false): Step => [
  nexus,
  { kind: 'register-and-ignore', newKey, persist },
]
const reserve = (nexus: Nexus, key: string, type: ReservationTypeCode): Step => [nexus, { kind: 'reserve', key, type }]

/** Runs steps of which every one must succeed. */
function after(steps: readonly Step[], start = emptyReservationState()): ReservationState {
  return steps.reduce((state, [nexus, command]) => {
    const result = apply(state, nexus, command)
    expect(result.status, JSON.stringify(command)).toBe('good')
    return result.state
  }, start)
}

/** The whole outcome of one command: status, keys with their nexus, reservation, generation, what each nexus is told next. */
function outcome(state: ReservationState, [nexus, command]: Step) {
  const result = apply(state, nexus, command)
  const told = [a, b, c].flatMap((other) => {
    const probe = apply(result.state, other, { kind: 'test-unit-ready' })
    return probe.status === 'unit-attention' ? [`${nameOf.get(other)}: ${probe.attention}`] : []
  })
  return {
    status: result.status === 'illegal-request' ? result.sense : result.status,
    keys: keysOf(result.state).keys.join(' '),
    reservation:
      result.state.reservation === null
        ? 'none'
        : Object.values(reservationOf(result.state).reservation ?? {}).join(' '),
    generation: result.state.generation,
    told,
    aborted: result.aborted.map((other) => nameOf.get(other)),
  }
}

const three = [register(a, '0xa'), register(b, '0xb'), register(c, '0xc')]
const wero = after([...three, reserve(a, '0xa', 5)])
const wear = after([...three, reserve(a, '0xa', 7)])
const unchanged = (state: ReservationState, status: string) => ({
  ...outcome(state, [a, { kind: 'inquiry' }]),
  status,
})

describe('REGISTER', () => {
  it('needs the present key, and no key of who has none', () => {
    const one = after([register(a, '0xa')])
    const keep = (state: ReservationState) => unchanged(state, 'reservation-conflict')
    expect(outcome(one, [a, { kind: 'register', key: '0x0', newKey: '0xa' }])).toEqual(keep(one))
    expect(outcome(one, [b, { kind: 'register', key: '0xb', newKey: '0xb' }])).toEqual(keep(one))
    expect(outcome(one, [b, { kind: 'register', key: '0x0', newKey: '0xb' }])).toMatchObject({
      status: 'good',
      keys: '0xa 0xb',
      generation: 2,
    })
    expect(outcome(one, [b, { kind: 'register', key: '0x0', newKey: '0x0' }])).toEqual(unchanged(one, 'good'))
  })

  it('is allowed under any reservation, and changes the key of a holder without letting go', () => {
    const held = after([register(a, '0xa'), reserve(a, '0xa', 3)])
    expect(outcome(held, [b, { kind: 'register', key: '0x0', newKey: '0xb' }])).toMatchObject({
      status: 'good',
      generation: 2,
    })
    expect(outcome(held, register(a, '0xaa'))).toMatchObject({ keys: '0xaa', reservation: '0xaa LU_SCOPE 3' })
  })

  it("releases the reservation when its holder unregisters, and tells the others under a registrants' type", () => {
    expect(outcome(wero, register(a, '0x0'))).toEqual({
      status: 'good',
      keys: '0xb 0xc',
      reservation: 'none',
      generation: 4,
      told: ['b: reservations-released', 'c: reservations-released'],
      aborted: [],
    })
    const exclusive = after([...three, reserve(a, '0xa', 1)])
    expect(outcome(exclusive, register(a, '0x0'))).toMatchObject({ reservation: 'none', told: [] })
    expect(outcome(wear, register(a, '0x0'))).toMatchObject({
      keys: '0xb 0xc',
      reservation: '0x0 LU_SCOPE 7',
      told: [],
    })
    const last = after([register(a, '0xa'), reserve(a, '0xa', 8)])
    expect(outcome(last, register(a, '0x0'))).toMatchObject({ keys: '', reservation: 'none' })
  })
})

describe('RESERVE and RELEASE', () => {
  it('reserve for a registrant, once, and let the holder repeat itself', () => {
    const registered = after(three)
    expect(outcome(registered, reserve(a, '0xa', 5))).toMatchObject({
      status: 'good',
      generation: 3,
      reservation: '0xa LU_SCOPE 5',
    })
    expect(outcome(registered, reserve(a, '0xb', 5))).toEqual(unchanged(registered, 'reservation-conflict'))
    expect(outcome(wero, reserve(a, '0xa', 5))).toEqual(unchanged(wero, 'good'))
    expect(outcome(wero, reserve(a, '0xa', 6))).toEqual(unchanged(wero, 'reservation-conflict'))
    expect(outcome(wero, reserve(b, '0xb', 5))).toEqual(unchanged(wero, 'reservation-conflict'))
    expect(outcome(wear, reserve(b, '0xb', 7))).toEqual(unchanged(wear, 'good'))
  })

  it('release by the holder alone, without a word to the others under the exclusive types', () => {
    expect(outcome(wero, [b, { kind: 'release', key: '0xb', type: 5 }])).toEqual(unchanged(wero, 'good'))
    expect(outcome(wero, [b, { kind: 'release', key: '0xa', type: 5 }])).toEqual(
      unchanged(wero, 'reservation-conflict'),
    )
    expect(outcome(wero, [a, { kind: 'release', key: '0xa', type: 6 }])).toEqual(unchanged(wero, 'invalid-release'))
    expect(outcome(wero, [a, { kind: 'release', key: '0xa', type: 5 }])).toMatchObject({
      keys: '0xa 0xb 0xc',
      reservation: 'none',
      generation: 3,
      told: ['b: reservations-released', 'c: reservations-released'],
    })
    const exclusive = after([...three, reserve(a, '0xa', 3)])
    expect(outcome(exclusive, [a, { kind: 'release', key: '0xa', type: 3 }])).toMatchObject({
      reservation: 'none',
      told: [],
    })
    expect(outcome(wear, [b, { kind: 'release', key: '0xb', type: 7 }])).toMatchObject({
      reservation: 'none',
      told: ['a: reservations-released', 'c: reservations-released'],
    })
  })
})

describe('CLEAR', () => {
  it('removes everything for any registrant, aborts nothing', () => {
    expect(outcome(wero, [b, { kind: 'clear', key: '0xb' }])).toEqual({
      status: 'good',
      keys: '',
      reservation: 'none',
      generation: 4,
      told: ['a: reservations-preempted', 'c: reservations-preempted'],
      aborted: [],
    })
    expect(outcome(wero, [b, { kind: 'clear', key: '0xa' }])).toEqual(unchanged(wero, 'reservation-conflict'))
  })
})

describe('PREEMPT', () => {
  const preempt = (nexus: Nexus, key: string, victim: string, type: ReservationTypeCode = 5): Step => [
    nexus,
    { kind: 'preempt', key, victim, type },
  ]

  it("takes the reservation over with the holder's key", () => {
    expect(outcome(wero, preempt(b, '0xb', '0xa'))).toEqual({
      status: 'good',
      keys: '0xb 0xc',
      reservation: '0xb LU_SCOPE 5',
      generation: 4,
      told: ['a: registrations-preempted'],
      aborted: [],
    })
    expect(outcome(wero, preempt(b, '0xb', '0xa', 6)).told).toEqual([
      'a: registrations-preempted',
      'c: reservations-released',
    ])
  })

  it('removes the registrations of any other key, its own too', () => {
    expect(outcome(wero, preempt(b, '0xb', '0xc', 6))).toMatchObject({
      keys: '0xa 0xb',
      reservation: '0xa LU_SCOPE 5',
      generation: 4,
      told: ['c: registrations-preempted'],
    })
    expect(outcome(wero, preempt(b, '0xb', '0xb'))).toMatchObject({ keys: '0xa 0xc', told: [] })
    // the holder preempting itself keeps its registration
    expect(outcome(wero, preempt(a, '0xa', '0xa'))).toMatchObject({
      keys: '0xa 0xb 0xc',
      reservation: '0xa LU_SCOPE 5',
      generation: 4,
    })
  })

  it('removes every nexus of the key', () => {
    const shared = after([register(a, '0x1'), register(b, '0x2'), register(c, '0x2'), reserve(b, '0x2', 5)])
    expect(outcome(shared, preempt(a, '0x1', '0x2'))).toMatchObject({
      keys: '0x1',
      reservation: '0x1 LU_SCOPE 5',
      told: ['b: registrations-preempted', 'c: registrations-preempted'],
    })
  })

  it('under an all-registrants type takes over with key zero, and only removes with any other', () => {
    expect(outcome(wear, preempt(b, '0xb', '0x0', 5))).toMatchObject({
      keys: '0xb',
      reservation: '0xb LU_SCOPE 5',
      generation: 4,
    })
    expect(outcome(wear, preempt(b, '0xb', '0xa', 5))).toMatchObject({ keys: '0xb 0xc', reservation: '0x0 LU_SCOPE 7' })
    const alone = after([register(a, '0xa'), reserve(a, '0xa', 7)])
    expect(outcome(alone, preempt(a, '0xa', '0xa'))).toMatchObject({ keys: '', reservation: 'none' })
  })

  it('does nothing for who is not registered, a wrong own key, an unknown victim, key zero', () => {
    expect(outcome(wero, preempt(b, '0xb', '0xd'))).toEqual(unchanged(wero, 'reservation-conflict'))
    expect(outcome(wero, preempt(b, '0xc', '0xa'))).toEqual(unchanged(wero, 'reservation-conflict'))
    const fenced = after([preempt(a, '0xa', '0xb'), [b, { kind: 'inquiry' }]], wero)
    const told = apply(fenced, b, { kind: 'test-unit-ready' }).state
    expect(outcome(told, preempt(b, '0xb', '0xa'))).toEqual(unchanged(told, 'reservation-conflict'))
    expect(outcome(wero, preempt(b, '0xb', '0x0'))).toEqual(unchanged(wero, 'invalid-field-in-parameter-list'))
  })

  it('AND ABORT aborts what the victims have under way, and changes the rest alike', () => {
    const both = (['preempt', 'preempt-and-abort'] as const).map((kind) =>
      outcome(wero, [b, { kind, key: '0xb', victim: '0xa', type: 5 }]),
    )
    expect(both[1]).toEqual({ ...both[0], aborted: ['a'] })
  })
})

describe('REGISTER AND MOVE', () => {
  const move = (nexus: Nexus, key: string, to: Nexus, newKey = '0xd', unregister = true): Step => [
    nexus,
    { kind: 'register-and-move', key, newKey, to, unregister },
  ]

  it('hands the reservation over', () => {
    expect(outcome(wero, move(a, '0xa', b))).toMatchObject({
      status: 'good',
      keys: '0xd 0xc',
      reservation: '0xd LU_SCOPE 5',
      generation: 4,
    })
    expect(outcome(wero, move(a, '0xa', b, '0xd', false))).toMatchObject({
      keys: '0xa 0xd 0xc',
      reservation: '0xd LU_SCOPE 5',
    })
    const pair = after([register(a, '0xa'), reserve(a, '0xa', 1)])
    expect(outcome(pair, move(a, '0xa', b))).toMatchObject({
      keys: '0xd',
      reservation: '0xd LU_SCOPE 1',
      generation: 2,
    })
  })

  it('is refused but from the one holder to another nexus', () => {
    const registered = after(three)
    expect(outcome(wero, move(b, '0xb', c)).status).toBe('reservation-conflict')
    expect(outcome(wear, move(a, '0xa', b)).status).toBe('reservation-conflict')
    expect(outcome(registered, move(a, '0xa', b)).status).toBe('invalid-field-in-cdb')
    expect(outcome(wero, move(a, '0xa', a)).status).toBe('invalid-field-in-parameter-list')
    expect(outcome(wero, move(a, '0xa', b, '0x0')).status).toBe('invalid-field-in-parameter-list')
  })
})

describe('a unit attention', () => {
  const fenced = after([[a, { kind: 'preempt', key: '0xa', victim: '0xb', type: 5 }]], wero)

  it('is told once, instead of the command, to READ KEYS too', () => {
    const first = apply(fenced, b, { kind: 'read-keys' })
    expect(first).toMatchObject({ status: 'unit-attention', attention: 'registrations-preempted' })
    expect(apply(first.state, b, { kind: 'read-keys' }).status).toBe('good')
    expect(apply(fenced, b, { kind: 'inquiry' }).status).toBe('good')
    expect(apply(fenced, b, { kind: 'write' }).status).toBe('unit-attention')
    expect(apply(first.state, b, { kind: 'write' }).status).toBe('reservation-conflict')
    expect(apply(first.state, b, { kind: 'read' }).status).toBe('good')
    expect(apply(fenced, a, { kind: 'write' }).status).toBe('good')
  })

  it('keeps the order of causes and repeats none that is pending', () => {
    const causes = after(
      [
        [a, { kind: 'release', key: '0xa', type: 5 }],
        reserve(a, '0xa', 5),
        [a, { kind: 'release', key: '0xa', type: 5 }],
        [a, { kind: 'clear', key: '0xa' }],
      ],
      wero,
    )
    expect(Object.values(causes.attentions)).toEqual([
      ['reservations-released', 'reservations-preempted'],
      ['reservations-released', 'reservations-preempted'],
    ])
  })
})

describe('access to the medium', () => {
  it('follows the type and who asks', () => {
    const rows = reservationTypes.map(({ code, short }) => {
      const state = after([register(a, '0xa'), register(b, '0xb'), reserve(a, '0xa', code)])
      const of = (nexus: Nexus) =>
        (['read', 'write'] as const).map((access) => (mayAccess(state, nexus, access) ? access[0] : '-')).join('')
      return [short, of(a), of(b), of(c)]
    })
    expect(rows).toEqual([
      ['WE', 'rw', 'r-', 'r-'],
      ['EA', 'rw', '--', '--'],
      ['WERO', 'rw', 'rw', 'r-'],
      ['EARO', 'rw', 'rw', '--'],
      ['WEAR', 'rw', 'rw', 'r-'],
      ['EAAR', 'rw', 'rw', '--'],
    ])
    expect(mayAccess(after(three), iscsiNexus('iqn.2026-11.lab:d'), 'write')).toBe(true)
  })
})

describe('losing power', () => {
  it('forgets everything, unless the last registration asked to persist', () => {
    const lost = losePower(wero)
    expect([keysOf(lost), reservationOf(lost)]).toEqual([
      { generation: 0, keys: [] },
      { generation: 0, reservation: null },
    ])
    const persistent = after([register(a, '0xa'), register(b, '0xb', true), reserve(a, '0xa', 5)])
    expect(fullStatusOf(losePower(persistent))).toEqual({ ...fullStatusOf(persistent), generation: 0 })
    expect(keysOf(losePower(after([register(a, '0xa')], persistent))).keys).toEqual([])
    expect(apply(lost, b, { kind: 'read-keys' })).toMatchObject({ status: 'unit-attention', attention: 'power-on' })
  })
})

describe('the Linux target', () => {
  const linux = after([...three], emptyReservationState(linuxTargetBehaviour))

  it('does not raise the generation when a nexus unregisters', () => {
    expect(outcome(linux, register(c, '0x0'))).toMatchObject({ keys: '0xa 0xb', generation: 3 })
    expect(outcome(after(three), register(c, '0x0'))).toMatchObject({ keys: '0xa 0xb', generation: 4 })
  })

  it('answers two errors in words of its own', () => {
    const held = after([reserve(a, '0xa', 5)], linux)
    const stranger = iscsiNexus('iqn.2026-11.lab:d')
    expect(apply(held, a, { kind: 'release', key: '0xa', type: 6 }).status).toBe('reservation-conflict')
    expect(apply(linux, stranger, { kind: 'reserve', key: '0xd', type: 5 }).status).toBe('not-ready')
    expect(apply(held, stranger, { kind: 'reserve', key: '0xd', type: 5 }).status).toBe('reservation-conflict')
    expect(apply(after(three), stranger, { kind: 'reserve', key: '0xd', type: 5 }).status).toBe('reservation-conflict')
  })
})
