import { normaliseWwid } from '../../../labs/testbed/wwid.ts'
import type { Lab } from '../../lab/lab.ts'

/** One block device of a host that carries a WWID, as sysfs tells it. */
export interface Device {
  readonly device: string
  readonly wwid: string
  /** in 512-byte sectors */
  readonly sectors: number
  /** unit serial number (VPD page 0x80), where the kernel has it */
  readonly serial: string
}

/**
 * Waits until the disks are other ones than those of $1 (their WWIDs, a space after each), but not more than $2 half seconds.
 * Whoever asks again and again over SSH keeps a host from its booting that has little time.
 */
const waitScript = `
left=$2
while :; do
  there=
  for block in /sys/block/*; do
    [ -r "$block/device/wwid" ] && read -r wwid <"$block/device/wwid" && there="$there$wwid "
  done
  [ "$there" = "$1" ] && [ "$left" -gt 0 ] || break
  sleep 0.5; left=$((left - 1))
done
`

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
  return (await look(lab, host, ['sh', '-c', script], signal)).map(toDevice)
}

/**
 * Waits until a host sees every LUN of the testbed, and gives what it sees, LUN name to device. An array that is off keeps
 * nobody waiting for ever: after `milliseconds` that is what there is.
 */
export async function awaitDevices(
  lab: Lab,
  host: string,
  milliseconds: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const end = performance.now() + milliseconds
  const wanted = Object.keys(lab.testbed.luns).length
  // none of them: the first answer comes at once
  let known = '-'
  for (;;) {
    const halves = Math.max(0, Math.min(oneWait, Math.ceil((end - performance.now()) / 500)))
    const lines = await look(lab, host, ['sh', '-c', waitScript + script, 'wait', known, String(halves)], signal)
    const found = devicesByLun(lab, lines.map(toDevice))
    if (found.size >= wanted || performance.now() >= end) return found
    known = lines.map((line) => `${line.split('|')[1] ?? ''} `).join('')
  }
}
/** how many half seconds a host waits before it says that nothing has changed */
const oneWait = 20

async function look(lab: Lab, host: string, argv: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  const { stdout } = await lab.run(host, { purpose: `find the disks of ${host}`, argv, timeoutMs: 30_000, signal })
  return stdout.split('\n').filter((line) => line !== '')
}

function toDevice(line: string): Device {
  const [device = '', wwid = '', sectors, serial = ''] = line.split('|')
  const normal = normaliseWwid(wwid)
  return { device, wwid: normal.ok ? normal.wwid : wwid, sectors: Number(sectors), serial }
}

/** LUN name to device on that host, for those LUNs of the testbed that the host sees (its first path to each). */
export function devicesByLun(lab: Lab, devices: readonly Device[]): ReadonlyMap<string, string> {
  const entries = Object.entries(lab.testbed.luns).flatMap(([lun, { wwid }]) => {
    const found = devices.find((device) => device.wwid === wwid)
    return found ? [[lun, found.device] as const] : []
  })
  return new Map(entries)
}
