/**
 * The part of the APC rack PDU's MIB that power agents use, for whoever plays one. Source: PowerNet-MIB v4 (APC,
 * enterprise 318), groups rPDUIdent, rPDUOutletControl and rPDUOutletStatus; RFC 3418 for the system group.
 */
export const rpduMib = {
  /** masterSwitchrPDU */
  identity: '1.3.6.1.4.1.318.1.3.4.5',
  scalars: {
    sysDescr: '1.3.6.1.2.1.1.1',
    sysObjectID: '1.3.6.1.2.1.1.2',
    sysUpTime: '1.3.6.1.2.1.1.3',
    sysName: '1.3.6.1.2.1.1.5',
    rPDUIdentName: '1.3.6.1.4.1.318.1.1.12.1.1',
    rPDUIdentModelNumber: '1.3.6.1.4.1.318.1.1.12.1.5',
    rPDUIdentDeviceNumOutlets: '1.3.6.1.4.1.318.1.1.12.1.8',
  },
  /** entries by outlet number; columns: 1 index, 2 name, 3 phase, 4 command, 5 bank */
  controlEntry: '1.3.6.1.4.1.318.1.1.12.3.3.1.1',
  /** entries by outlet number; columns: 1 index, 2 name, 3 phase, 4 state, 5 command pending, 6 bank */
  statusEntry: '1.3.6.1.4.1.318.1.1.12.3.5.1.1',
  /** rPDUOutletControlOutletCommand; reading it gives on or off */
  commands: { on: 1, off: 2, reboot: 3 },
  /** rPDUOutletStatusCommandPending: outletStatusNoCommandPending */
  nothingPending: 2,
} as const

export type PduAction = keyof typeof rpduMib.commands

/** The action that a written number asks for; undefined for the delayed ones and for nonsense. */
export function actionWritten(value: unknown): PduAction | undefined {
  return (Object.keys(rpduMib.commands) as PduAction[]).find((action) => rpduMib.commands[action] === value)
}
