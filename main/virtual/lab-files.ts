import { join } from 'node:path'

/** Every file of a running virtual lab, in its own directory: the other name of `${lab}` in a testbed file. */
export interface LabFiles {
  readonly directory: string
  /** the keeper listens here */
  readonly control: string
  /** which process that is, and of which testbed file: see keeper-file.ts */
  readonly keeper: string
  readonly key: string
  readonly knownHosts: string
  /** what the keeper's machines said that went to no console: for whoever looks why a machine did not start */
  readonly log: string
  /** the community of the PDU that the lab plays */
  readonly community: string
  /** its web page, for the machines inside */
  readonly pduPage: string
  /** which state the machines' snapshots hold */
  readonly green: string
  network(name: string): string
  machine(name: string): MachineFiles
}

export interface MachineFiles {
  readonly console: string
  readonly pid: string
  /** QEMU's monitor for the keeper */
  readonly monitor: string
  /** a second monitor for whoever records: its events (GUEST_PANICKED, RESET, SHUTDOWN) */
  readonly events: string
  /** a third one for faults that pull cables */
  readonly cables: string
  /** an idle drive that holds the snapshots */
  readonly state: string
  readonly hostKey: string
  readonly environment: string
}

/** Unix socket paths end at 107 bytes; the longest name below the directory is a machine's events socket. */
const longestName = 40

/** @throws Error where the directory is too long for unix sockets */
export function labFiles(directory: string): LabFiles {
  if (Buffer.byteLength(directory) + longestName > 107) {
    throw new Error(
      `the lab's directory is too long for unix sockets: ${directory}; set XDG_STATE_HOME to a shorter one`,
    )
  }
  const file = (name: string) => join(directory, name)
  return {
    directory,
    control: file('control'),
    keeper: file('keeper.json'),
    key: file('id_ed25519'),
    knownHosts: file('known_hosts'),
    log: file('machines.log'),
    community: file('pdu-community'),
    pduPage: file('pdu.page'),
    green: file('green.json'),
    network: (name) => file(`network-${name}`),
    machine: (name) => ({
      console: file(`${name}.console`),
      pid: file(`${name}.pid`),
      monitor: file(`${name}.monitor`),
      events: file(`${name}.events`),
      cables: file(`${name}.cables`),
      state: file(`${name}.qcow2`),
      hostKey: file(`${name}.host_key`),
      environment: file(`${name}.environment`),
    }),
  }
}
