import { describe, expect, it } from 'vitest'
import { parseCapabilities } from '../../../labs/scsi/parse-capabilities.ts'

// as sg_persist 1.46 printed it for a LUN of the Linux target
const linuxTarget = `Report capabilities response:
  Replace Lost Reservation Capable(RLR_C): 0
  Compatible Reservation Handling(CRH): 1
  Specify Initiator Ports Capable(SIP_C): 1
  All Target Ports Capable(ATP_C): 1
  Persist Through Power Loss Capable(PTPL_C): 1
  Type Mask Valid(TMV): 1
  Allow Commands: 1
  Persist Through Power Loss Active(PTPL_A): 0
    Support indicated in Type mask:
      Write Exclusive, all registrants: 1
      Exclusive Access, registrants only: 1
      Write Exclusive, registrants only: 1
      Exclusive Access: 1
      Write Exclusive: 1
      Exclusive Access, all registrants: 1
`
const all = {
  ok: true,
  replaceLost: false,
  compatibleReservationHandling: true,
  specifyInitiatorPorts: true,
  allTargetPorts: true,
  persistThroughPowerLoss: true,
  persistThroughPowerLossActive: false,
  allowCommands: 1,
  types: [1, 3, 5, 6, 7, 8],
}
const without = (name: string) => Object.fromEntries(Object.entries(all).filter(([other]) => other !== name))

describe('parseCapabilities', () => {
  it('reads sg_persist, before and since it printed RLR_C', () => {
    expect(parseCapabilities(linuxTarget)).toEqual(all)
    expect(parseCapabilities(linuxTarget.replace(/.*RLR_C.*\n/, ''))).toEqual(without('replaceLost'))
  })

  it('reads the types that are not supported, and no types where the mask is not valid', () => {
    const some = linuxTarget.replace(/all registrants: 1/g, 'all registrants: 0')
    expect(parseCapabilities(some)).toEqual({ ...all, types: [1, 3, 5, 6] })
    expect(parseCapabilities(linuxTarget.replace('(TMV): 1', '(TMV): 0').replace(/ {4}Support[^]*/, ''))).toEqual(
      without('types'),
    )
  })

  it('believes neither the power loss flag of mpathpersist nor that its types are 1 or 0', () => {
    const printed = linuxTarget.replace('Write Exclusive, all registrants: 1', 'Write Exclusive, all registrants: 128')
    expect(parseCapabilities(printed, 'mpathpersist')).toEqual(without('persistThroughPowerLoss'))
  })

  it('does not take a part for the whole', () => {
    for (let cut = 0; cut < linuxTarget.length; cut++) {
      expect(parseCapabilities(linuxTarget.slice(0, cut)), `cut at ${cut}`).toMatchObject({ ok: false })
    }
    expect(parseCapabilities(linuxTarget.replace(/.*PTPL_A.*\n/, ''))).toEqual({
      ok: false,
      reason: 'does not report PTPL_A',
    })
    expect(parseCapabilities(linuxTarget.replace('Exclusive Access: 1', 'Shared: 1'))).toMatchObject({ ok: false })
  })
})
