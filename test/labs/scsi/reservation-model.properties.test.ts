import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareListings } from '../../../labs/scsi/compare-listings.ts'
import { formatFullStatus, formatKeys, formatReservation } from '../../../labs/scsi/format-listing.ts'
import { parseFullStatus } from '../../../labs/scsi/parse-full-status.ts'
import { parseKeys } from '../../../labs/scsi/parse-keys.ts'
import { parseReservation } from '../../../labs/scsi/parse-reservation.ts'
import {
  apply,
  mayAccess,
  type ReservationCommand,
  type ReservationResult,
} from '../../../labs/scsi/reservation-model.ts'
import {
  emptyReservationState,
  fullStatusOf,
  iscsiNexus,
  keysOf,
  linuxTargetBehaviour,
  nexusName,
  registrationOf,
  reservationOf,
  standardBehaviour,
  type Nexus,
  type ReservationState,
} from '../../../labs/scsi/reservation-state.ts'
import { reservationTypes } from '../../../labs/scsi/reservation-type.ts'
import { inquiry } from './listings.ts'
import { cases } from '../../cases.ts'

// two paths of one host, a second host, a Fibre Channel port
const nexuses: readonly Nexus[] = [
  iscsiNexus('iqn.2026-11.lab:a', '0x00023d000001', 1),
  iscsiNexus('iqn.2026-11.lab:a', '0x00023d000002', 2),
  iscsiNexus('iqn.2026-11.lab:b'),
  { transport: { protocol: 'fc', portName: '21000024ff5a6b7c' }, relativePort: 1 },
]
const nexus = fc.constantFrom(...nexuses)
const key = fc.constantFrom('0x0', '0xa', '0xb', '0xc')
const type = fc.constantFrom(...reservationTypes.map(({ code }) => code))

/** Commands as they come: half of them with the nexus's own key, or most would only conflict. */
type Draft = (own: string) => ReservationCommand
const ownOr = (chosen: string | null) => (own: string) => chosen ?? own
const rk = fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: key }).map(ownOr)
const draft: fc.Arbitrary<Draft> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(rk, key, fc.boolean())
      .map(([own, newKey, persist]): Draft => (k) => ({ kind: 'register', key: own(k), newKey, persist })),
  },
  { weight: 2, arbitrary: key.map((newKey): Draft => () => ({ kind: 'register-and-ignore', newKey })) },
  {
    weight: 1,
    arbitrary: fc.tuple(rk, key, nexus, fc.boolean()).map(([own, newKey, to, unregister]): Draft => (k) => ({
      kind: 'register-and-move',
      key: own(k),
      newKey,
      to,
      unregister,
    })),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(rk, type).map(([own, code]): Draft => (k) => ({ kind: 'reserve', key: own(k), type: code })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(rk, type).map(([own, code]): Draft => (k) => ({ kind: 'release', key: own(k), type: code })),
  },
  { weight: 1, arbitrary: rk.map((own): Draft => (k) => ({ kind: 'clear', key: own(k) })) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('preempt' as const, 'preempt-and-abort' as const), rk, key, type)
      .map(([kind, own, victim, code]): Draft => (k) => ({ kind, key: own(k), victim, type: code })),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('read-keys' as const, 'write' as const, 'inquiry' as const)
      .map((kind): Draft => () => ({ kind })),
  },
)
// `size`: without it fast-check keeps arrays at about ten elements, too few for the rarer states
const history = fc.array(fc.tuple(nexus, draft), { minLength: 1, maxLength: 40, size: 'max' })

interface Transition {
  readonly before: ReservationState
  readonly by: Nexus
  readonly command: ReservationCommand
  readonly result: ReservationResult
}

/** Runs a history from an empty state and hands every transition to `check`. */
function walk(
  steps: readonly (readonly [Nexus, Draft])[],
  check: (transition: Transition) => void,
  start = emptyReservationState(),
): void {
  let before = start
  for (const [by, make] of steps) {
    const command = make(registrationOf(before, by)?.key ?? '0x0')
    const result = apply(before, by, command)
    check({ before, by, command, result })
    before = result.state
  }
}

function always(
  check: (transition: Transition) => void,
  behaviour = standardBehaviour,
  more: fc.Parameters<unknown> = {},
): void {
  fc.assert(
    fc.property(history, (steps) => {
      walk(steps, check, emptyReservationState(behaviour))
    }),
    { numRuns: cases(300), ...more },
  )
}

const names = (state: ReservationState) => state.registrations.map((registration) => nexusName(registration.nexus))
const movesGeneration: ReadonlySet<string> = new Set([
  'register',
  'register-and-ignore',
  'register-and-move',
  'clear',
  'preempt',
  'preempt-and-abort',
])

describe('whatever commands arrive, in whatever order', () => {
  it('the histories reach the states that matter', () => {
    const seen = new Set<string>()
    // always the same histories: that others reach all of it is likely, and not certain
    always(
      ({ command, result }) => {
        seen.add(`${command.kind} ${result.status}`)
        if (result.state.reservation !== null) seen.add(`type ${result.state.reservation.type}`)
        if (result.aborted.length > 1) seen.add('aborted several')
      },
      standardBehaviour,
      { seed: 1 },
    )
    expect([...seen]).toEqual(
      expect.arrayContaining([
        ...['register', 'register-and-move', 'reserve', 'release', 'clear', 'preempt', 'preempt-and-abort'].flatMap(
          (kind) => [`${kind} good`, `${kind} reservation-conflict`, `${kind} unit-attention`],
        ),
        'read-keys unit-attention',
        'write reservation-conflict',
        'write good',
        'inquiry good',
        'preempt illegal-request',
        'release illegal-request',
        ...reservationTypes.map(({ code }) => `type ${code}`),
        'aborted several',
      ]),
    )
  })

  it('there is no reservation without a registration, and its holder is registered', () => {
    always(({ result: { state } }) => {
      if (state.reservation === null) return
      expect(state.registrations.length).toBeGreaterThan(0)
      const byAll = state.reservation.type === 7 || state.reservation.type === 8
      expect(state.reservation.holder === null).toBe(byAll)
      if (state.reservation.holder !== null) expect(names(state)).toContain(state.reservation.holder)
      const shown = reservationOf(state).reservation?.key
      if (byAll) expect(shown).toBe('0x0')
      else expect(keysOf(state).keys).toContain(shown)
    })
  })

  it('a nexus is registered once, and never with key zero', () => {
    always(({ result: { state } }) => {
      expect(new Set(names(state)).size).toBe(state.registrations.length)
      expect(keysOf(state).keys).not.toContain('0x0')
    })
  })

  it('the generation moves by one with every successful command that touches registrations, and with nothing else', () => {
    always(({ before, by, command, result }) => {
      const nothingToRemove =
        'newKey' in command && command.newKey === '0x0' && registrationOf(before, by) === undefined
      const moves = result.status === 'good' && movesGeneration.has(command.kind) && !nothingToRemove
      expect(result.state.generation - before.generation).toBe(moves ? 1 : 0)
    })
  })

  it('one generation has one list of keys', () => {
    always(({ before, result: { state } }) => {
      if (state.generation === before.generation) expect(keysOf(state)).toEqual(keysOf(before))
    })
  })

  it('on the Linux target the keys of one generation can only become fewer, by unregistering', () => {
    const shrunk = new Set<string>()
    always(({ before, by, command, result: { state } }) => {
      if (state.generation !== before.generation) return
      if (keysOf(state).keys.join() === keysOf(before).keys.join()) return
      shrunk.add(command.kind)
      expect(names(state)).toEqual(names(before).filter((name) => name !== nexusName(by)))
    }, linuxTargetBehaviour)
    expect([...shrunk].sort()).toEqual(['register', 'register-and-ignore'])
  })

  it('what is not executed changes nothing but the unit attention that was told', () => {
    always(({ before, by, result }) => {
      if (result.status === 'good') return
      if (result.status !== 'unit-attention') {
        expect(result.state).toEqual(before)
        return
      }
      const pending = before.attentions[nexusName(by)] ?? []
      expect({ ...result.state, attentions: {} }).toEqual({ ...before, attentions: {} })
      expect([result.attention, ...(result.state.attentions[nexusName(by)] ?? [])]).toEqual(pending)
    })
  })

  it('preempting a key that nobody has changes nothing', () => {
    always(({ before, command, result }) => {
      if (command.kind !== 'preempt' && command.kind !== 'preempt-and-abort') return
      if (command.victim === '0x0' || keysOf(before).keys.includes(command.victim)) return
      expect(result.status === 'reservation-conflict' || result.status === 'unit-attention').toBe(true)
      expect({ ...result.state, attentions: {} }).toEqual({ ...before, attentions: {} })
      expect(result.aborted).toEqual([])
    })
  })

  it('after a preempt the victims are out: no key, a unit attention, and no write', () => {
    always(({ before, by, command, result }) => {
      if ((command.kind !== 'preempt' && command.kind !== 'preempt-and-abort') || result.status !== 'good') return
      const victims = before.registrations.filter(
        (registration) =>
          nexusName(registration.nexus) !== nexusName(by) &&
          (command.victim === '0x0' || registration.key === command.victim),
      )
      for (const { nexus: victim } of victims) {
        expect(registrationOf(result.state, victim)).toBeUndefined()
        expect(result.state.attentions[nexusName(victim)]).toContain('registrations-preempted')
        if (result.state.reservation !== null) expect(mayAccess(result.state, victim, 'write')).toBe(false)
        const aborted = result.aborted.map(nexusName).includes(nexusName(victim))
        expect(aborted).toBe(command.kind === 'preempt-and-abort')
      }
    })
  })

  it('nobody is told of what they did themselves, and only registrants are told', () => {
    always(({ before, by, result }) => {
      if (result.status !== 'good') return
      const registered = new Set(names(before))
      for (const [name, pending] of Object.entries(result.state.attentions)) {
        const more = pending.length - (before.attentions[name]?.length ?? 0)
        if (more > 0) expect([registered.has(name), name === nexusName(by)]).toEqual([true, false])
      }
    })
  })

  it('the parsers read every state back from the words of sg_persist, with and without the inquiry lines', () => {
    fc.assert(
      fc.property(history, fc.option(inquiry, { nil: undefined }), (steps, found) => {
        const extra = found === undefined ? {} : { inquiry: found }
        walk(steps, ({ result: { state } }) => {
          const keys = { ...keysOf(state), ...extra }
          const reservation = { ...reservationOf(state), ...extra }
          const status = { ...fullStatusOf(state), ...extra }
          expect([
            parseKeys(formatKeys(keys)),
            parseReservation(formatReservation(reservation)),
            parseFullStatus(formatFullStatus(status)),
          ]).toEqual([
            { ok: true, ...keys },
            { ok: true, ...reservation },
            { ok: true, ...status },
          ])
          expect(compareListings(keys, status)).toBe('agree')
        })
      }),
    )
  })
})
