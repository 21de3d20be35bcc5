import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import type { PduAction } from '../../labs/power/rpdu-mib.ts'
import type { Load, VirtualPdu as PduDescription } from '../../labs/virtual/pdu.ts'
import { startPduAgent } from '../power/pdu-agent.ts'
import type { LabFiles } from './lab-files.ts'
import { servePduPage } from './pdu-page.ts'

export interface PduLoads {
  isOn(load: Load): boolean
  switch(load: Load, on: boolean): Promise<void>
  onProblem(problem: Error): void
}

/** The lab's PDU while it runs: SNMP for whoever is outside, a web page for the machines inside. */
export interface RunningPdu {
  close(): Promise<void>
}

/** An outlet is on while all that hangs on it is; one without a load remembers what it was told. */
export async function startVirtualPdu(pdu: PduDescription, files: LabFiles, loads: PduLoads): Promise<RunningPdu> {
  const empty = new Map<number, boolean>()
  const of = (outlet: number) => pdu.outlets[outlet - 1] ?? []
  const isOn = (outlet: number) =>
    of(outlet).length === 0 ? (empty.get(outlet) ?? true) : of(outlet).every((load) => loads.isOn(load))
  const stateOf = (outlet: number) => (isOn(outlet) ? 'on' : 'off')
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
  const agent = await startPduAgent({
    address: pdu.address,
    port: pdu.port,
    community: await pduCommunity(files.community),
    outlets: pdu.outlets.map((those) => those.map(({ name }) => name).join(', ') || 'free'),
    onCommand: (outlet, action) => done[action](outlet),
    stateOf,
    onProblem: (problem) => loads.onProblem(problem),
  })
  const page = await servePduPage(files.pduPage, { count: pdu.outlets.length, stateOf, set })
  return {
    async close() {
      await agent.close()
      page.closeAllConnections()
      await new Promise<void>((resolve) => page.close(() => resolve()))
    },
  }
}

/** The community of a lab's PDU: made once, in a file of the lab's own directory that only its user can read. */
async function pduCommunity(file: string): Promise<string> {
  if (!existsSync(file)) await writeFile(file, randomBytes(16).toString('hex'), { mode: 0o600 })
  return (await readFile(file, 'utf8')).trim()
}
