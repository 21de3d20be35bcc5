/** What a unit says about an outlet. `unknown`: it says that it does not know, or a number that its table lacks. */
export type PowerState = 'on' | 'off' | 'unknown'

/** A family of PDUs: where its outlets stand in SNMP, and which numbers mean on and off. */
export interface PduModel {
  readonly title: string
  /** the values of sysObjectID.0 by which units of this family name themselves */
  readonly identities: readonly string[]
  /** how an outlet of this family is written in a testbed */
  readonly outlets: 'N' | 'SWITCH:N'
  /** what is read; `{outlet}` and `{switch}` stand for numbers */
  readonly status: { readonly oid: string; readonly on: number; readonly off: number }
  /** what is written */
  readonly control: { readonly oid: string; readonly on: number; readonly off: number }
}

/**
 * The one table of numbers. The families disagree: where APC's outlets go off, Tripp Lite's go on. So no family is
 * guessed: the testbed names one, and the unit's own sysObjectID must agree.
 *
 * Sources: fence-agents 4.12.1, agents/apc_snmp/fence_apc_snmp.py (which OIDs, which numbers, which sysObjectID);
 * PowerNet-MIB v4 (APC, enterprise 318) for the names and the meaning of the numbers; TRIPPLITE-PRODUCTS (enterprise
 * 850) for tlpPduOutletState and tlpPduOutletCommand.
 */
export const pduModels = {
  rpdu: {
    title: 'APC Switched Rack PDU (AP79xx)',
    // masterSwitchrPDU
    identities: ['1.3.6.1.4.1.318.1.3.4.5'],
    outlets: 'N',
    // rPDUOutletStatusOutletState: outletStatusOn(1), outletStatusOff(2)
    status: { oid: '1.3.6.1.4.1.318.1.1.12.3.5.1.1.4.{outlet}', on: 1, off: 2 },
    // rPDUOutletControlOutletCommand: immediateOn(1), immediateOff(2), immediateReboot(3)
    control: { oid: '1.3.6.1.4.1.318.1.1.12.3.3.1.1.4.{outlet}', on: 1, off: 2 },
  },
  rpdu2: {
    title: 'APC Rack PDU 2G, firmware 6 (AP8xxx)',
    // masterSwitchrPDU2
    identities: ['1.3.6.1.4.1.318.1.3.4.6'],
    outlets: 'N',
    // sPDUOutletCtl, as fence-agents reads it. Not rPDU2OutletSwitchedStatusState, which would be off(1), on(2).
    status: { oid: '1.3.6.1.4.1.318.1.1.4.4.2.1.3.{outlet}', on: 1, off: 2 },
    control: { oid: '1.3.6.1.4.1.318.1.1.12.3.3.1.1.4.{outlet}', on: 1, off: 2 },
  },
  masterswitch: {
    title: 'APC MasterSwitch, and AP79xxB',
    // masterSwitchV1, masterSwitchV2, masterSwitchrPDUB (a recorded walk of an AP7900B has this table)
    identities: ['1.3.6.1.4.1.318.1.3.4.1', '1.3.6.1.4.1.318.1.3.4.2', '1.3.6.1.4.1.318.1.3.4.8'],
    outlets: 'N',
    // sPDUOutletCtl: outletOn(1), outletOff(2), outletReboot(3), outletUnknown(4)
    status: { oid: '1.3.6.1.4.1.318.1.1.4.4.2.1.3.{outlet}', on: 1, off: 2 },
    control: { oid: '1.3.6.1.4.1.318.1.1.4.4.2.1.3.{outlet}', on: 1, off: 2 },
  },
  'masterswitch-plus': {
    title: 'APC MasterSwitch Plus',
    // masterSwitchMSP
    identities: ['1.3.6.1.4.1.318.1.3.4.4'],
    outlets: 'SWITCH:N',
    // sPDUOutletStatusMSPOutletState: on(1), off(2); the 1 between switch and outlet is fence-agents'
    status: { oid: '1.3.6.1.4.1.318.1.1.6.7.1.1.5.{switch}.1.{outlet}', on: 1, off: 2 },
    // sPDUOutletControlMSPOutletCommand: immediateOnMSP(1), delayedOnMSP(2), immediateOffMSP(3)
    control: { oid: '1.3.6.1.4.1.318.1.1.6.5.1.1.5.{switch}.1.{outlet}', on: 1, off: 3 },
  },
  tripplite: {
    title: 'Tripp Lite PDU (PowerAlert, PDUMH20HVNET)',
    identities: ['1.3.6.1.4.1.850.1'],
    outlets: 'N',
    status: { oid: '1.3.6.1.4.1.850.10.2.3.5.1.2.1.{outlet}', on: 2, off: 1 },
    control: { oid: '1.3.6.1.4.1.850.10.2.3.5.1.4.1.{outlet}', on: 2, off: 1 },
  },
  'tripplite-lx': {
    title: 'Tripp Lite PDU with WEBCARDLX (PDU15NETLX)',
    identities: ['1.3.6.1.4.1.850.1.1.1'],
    outlets: 'N',
    // tlpPduOutletState: unknown(0), off(1), on(2)
    status: { oid: '1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.4.1.{outlet}', on: 2, off: 1 },
    // tlpPduOutletCommand: turnOff(1), turnOn(2)
    control: { oid: '1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.6.1.{outlet}', on: 2, off: 1 },
  },
} as const satisfies Record<string, PduModel>

export type PduModelName = keyof typeof pduModels
export const pduModelNames = Object.keys(pduModels) as PduModelName[]

/** sysObjectID.0 (RFC 3418): by it a unit names what it is. */
export const sysObjectId = '1.3.6.1.2.1.1.2.0'

/** The family that names itself so; undefined where the table has none. */
export function modelNamed(identity: string): PduModelName | undefined {
  return pduModelNames.find((name) => (pduModels[name] as PduModel).identities.includes(identity))
}

/** Where an outlet of a family is read and written; undefined where the text names no outlet of that family. */
export function outletOids(model: PduModel, outlet: string): { status: string; control: string } | undefined {
  const numbers = (model.outlets === 'N' ? /^()([1-9]\d{0,3})$/ : /^([1-9]\d{0,3})[:/]([1-9]\d{0,3})$/).exec(outlet)
  if (numbers === null) return undefined
  const [, unit = '', number = ''] = numbers
  const fill = (oid: string) => oid.replace('{switch}', unit).replace('{outlet}', number)
  return { status: fill(model.status.oid), control: fill(model.control.oid) }
}

/** How an outlet of a family is to be written, in words. */
export function outletForm(model: PduModel): string {
  return model.outlets === 'N' ? 'the number of an outlet, like 3' : 'switch and outlet, like 1:3'
}

/** What a read number means. */
export function stateRead(model: PduModel, value: unknown): PowerState {
  if (value === model.status.on) return 'on'
  return value === model.status.off ? 'off' : 'unknown'
}
