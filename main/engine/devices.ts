import { normaliseWwid } from '../../labs/testbed/wwid.ts'
import type { Lab } from './lab.ts'

/** One block device of a host that carries a WWID, as sysfs tells it. */
export interface Device {
  readonly device: string
  readonly wwid: string
  /** in 512-byte sectors */
  readonly sectors: number
  /** unit serial number (VPD page 0x80), where the kernel has it */
  readonly serial: string
}

/** Prints a line for each SCSI disk: device, WWID, size, serial. Reads sysfs only; starts no process but tr. */
const script = `
for block in /sys/block/*; do
  [ -r "$block/device/wwid" ] || continue
  read -r wwid <"$block/device/wwid" || continue
  read -r sectors <"$block/size"
  serial=$(tr -dc '[:alnum:]._-' <"$block/device/vpd_pg80" 2>/dev/null)
  printf '%s|%s|%s|%s\\n' "/dev/\${block##*/}" "$wwid" "$sectors" "$serial"
done
`

/** The disks of a host, by WWID. Names like sdX move with every login; only the WWID tells what a disk is. */
export async function findDevices(lab: Lab, host: string, signal: AbortSignal): Promise<readonly Device[]> {
  const { stdout } = await lab.run(host, {
    purpose: `find the disks of ${host}`,
    argv: ['sh', '-c', script],
    timeoutMs: 30_000,
    signal,
  })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Device => {
      const [device = '', wwid = '', sectors, serial = ''] = line.split('|')
      const normal = normaliseWwid(wwid)
      return { device, wwid: normal.ok ? normal.wwid : wwid, sectors: Number(sectors), serial }
    })
}

/** LUN name to device on that host, for those LUNs of the testbed that the host sees (its first path to each). */
export function devicesByLun(lab: Lab, devices: readonly Device[]): ReadonlyMap<string, string> {
  const entries = Object.entries(lab.testbed.luns).flatMap(([lun, { wwid }]) => {
    const found = devices.find((device) => device.wwid === wwid)
    return found ? [[lun, found.device] as const] : []
  })
  return new Map(entries)
}
