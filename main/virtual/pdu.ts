import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import type { VirtualPdu } from '../../labs/virtual/pdu.ts'
import type { PduAction } from '../../labs/power/rpdu-mib.ts'
import { startPduAgent, type PduAgent } from '../power/pdu-agent.ts'
import type { Load } from '../../labs/virtual/pdu.ts'

export interface PduLoads {
  isOn(load: Load): boolean
  switch(load: Load, on: boolean): Promise<void>
  onProblem(problem: Error): void
}

/** The lab's PDU: an outlet is on while all that hangs on it is; an outlet without a load remembers what it was told. */
export async function startVirtualPdu(pdu: VirtualPdu, community: string, loads: PduLoads): Promise<PduAgent> {
  const empty = new Map<number, boolean>()
  const of = (outlet: number) => pdu.outlets[outlet - 1] ?? []
  const set = async (outlet: number, on: boolean) => {
    if (of(outlet).length === 0) empty.set(outlet, on)
    await Promise.all(of(outlet).map((load) => loads.switch(load, on)))
  }
  const done: Record<PduAction, (outlet: number) => Promise<void>> = {
    on: (outlet) => set(outlet, true),
    off: (outlet) => set(outlet, false),
    async reboot(outlet) {
      await set(outlet, false)
      await set(outlet, true)
    },
  }
  return startPduAgent({
    address: pdu.address,
    port: pdu.port,
    community,
    outlets: pdu.outlets.map((those) => those.map(({ name }) => name).join(', ') || 'free'),
    onCommand: (outlet, action) => done[action](outlet),
    stateOf: (outlet) => (of(outlet).length === 0 ? (empty.get(outlet) ?? true) : of(outlet).every((load) => loads.isOn(load))) ? 'on' : 'off',
    onProblem: (problem) => loads.onProblem(problem),
  })
}

/** The community of a lab's PDU: made once, in a file of the lab's own directory that only its user can read. */
export async function pduCommunity(file: string): Promise<string> {
  if (!existsSync(file)) await writeFile(file, randomBytes(16).toString('hex'), { mode: 0o600 })
  return (await readFile(file, 'utf8')).trim()
}
