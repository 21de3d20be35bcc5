import type { Testbed, VirtualMachine } from '../../labs/testbed/testbed.ts'
import { hostAddresses } from '../../labs/testbed/host-address.ts'
import { nodesOf, secretVariables, viewersOf } from '../../labs/testbed/parts.ts'
import { openHosts, type Hosts } from '../hosts/hosts.ts'
import { createRunner, type CommandRecord, type Runner, type RunOptions, type RunResult } from '../hosts/runner.ts'
import type { Transport } from '../hosts/transport.ts'
import { findVm, type ProcessSeen } from '../hypervisor/process-state.ts'
import type { LoadedTestbed } from '../load-testbed.ts'
import type { Ask } from '../power/manual-driver.ts'
import type { RunCommand } from '../power/run-local.ts'
import { driverOf } from '../stacks/drivers.ts'
import type { StackDriver } from '../stacks/stack-driver.ts'
import { environmentOf, openPower, type Power } from './power.ts'

/** how long a command that switches an outlet may take */
const commandMilliseconds = 60_000

/** A testbed with its connections: what every part of the engine works on. */
export interface Lab extends LoadedTestbed {
  readonly hosts: Hosts
  readonly runner: Runner
  /** where the events of commands go at present */
  setRecord(record: (event: CommandRecord) => number | void): void
  host(name: string): Transport
  run(host: string, options: RunOptions): Promise<RunResult>
  readonly power: Power
  /** drives the stack that the testbed names */
  readonly stack: StackDriver
  close(): Promise<void>
}

export interface LabOptions {
  /** who answers for power units that a person switches */
  readonly ask?: Ask
}

/** Opens the connections of a testbed. They connect by themselves; nothing is awaited here. */
export function openLab(loaded: LoadedTestbed, { ask }: LabOptions = {}): Lab {
  const hosts = openHosts(hostAddresses(loaded.testbed))
  let record: (event: CommandRecord) => number | void = () => undefined
  const environment = environmentOf(loaded)
  const secrets = secretVariables(loaded.testbed).flatMap((variable) => environment[variable] ?? [])
  const runner = createRunner({ record: (event) => record(event), redact: secrets })
  const host = (name: string) => hosts.get(name)
  const run: Lab['run'] = (name, options) => runner.run(host(name), { sudo: true, ...options })
  const runOn =
    (name: string): RunCommand =>
    async (argv, { stdin, signal }) => {
      const purpose = 'switch an outlet, or ask for its state'
      const { exit, stdout, stderr } = await run(name, {
        purpose,
        argv,
        expected: [],
        timeoutMs: commandMilliseconds,
        signal,
        ...(stdin !== undefined && { stdin }),
      })
      return { exit, stdout, stderr }
    }
  return {
    ...loaded,
    hosts,
    runner,
    setRecord(next) {
      record = next
    },
    host,
    run,
    power: openPower(loaded, { runOn, ...(ask && { ask }) }),
    stack: driverOf(loaded.testbed),
    close: () => hosts.close(),
  }
}

export const nodeNames = (testbed: Testbed) => nodesOf(testbed).map(({ name }) => name)
/** Hosts that read key tables: every node, and every observer. */
export const viewerNames = viewersOf

/** The process of a node that is a virtual machine, found on its hypervisor. @throws ProcessGone where there is none */
export function findNodeProcess(lab: Lab, vm: VirtualMachine, signal: AbortSignal): Promise<ProcessSeen> {
  const hypervisor = { runner: lab.runner, transport: lab.host(vm.hypervisor) }
  return findVm(hypervisor, 'pidfile' in vm ? { pidFile: vm.pidfile } : { guest: vm.guest }, signal)
}
