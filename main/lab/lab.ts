import type { Testbed, VirtualMachine } from '../../labs/testbed/testbed.ts'
import { hostAddresses } from '../../labs/testbed/host-address.ts'
import { nodesOf, secretVariables, viewersOf } from '../../labs/testbed/parts.ts'
import { openHosts, type Hosts } from '../hosts/hosts.ts'
import { createRunner, type CommandRecord, type Runner, type RunOptions, type RunResult } from '../hosts/runner.ts'
import type { Transport } from '../transport/transport.ts'
import { findVm, type ProcessSeen } from '../hypervisor/process-state.ts'
import type { LoadedTestbed } from '../load-testbed.ts'
import { commandLog } from '../log/command-log.ts'
import { keepSecret, log } from '../log/log.ts'
import { loggedPower } from './logged-power.ts'
import { logConnections } from '../log/log-connections.ts'
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
  /** where the events of commands go at present; undefined: to the log, as they do outside of a run */
  setRecord(record: ((event: CommandRecord) => number | void) | undefined): void
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
  const { name } = loaded.testbed
  const commands = commandLog(name)
  /** during a run everything is in its journal */
  let record: ((event: CommandRecord) => number | void) | undefined
  const environment = environmentOf(loaded)
  const secrets = secretVariables(loaded.testbed).flatMap((variable) => environment[variable] ?? [])
  keepSecret(secrets)
  const runner = createRunner({ record: (event) => (record ?? commands.record)(event), redact: secrets })
  const disposeConnections = logConnections(name, hosts.all.values(), () => record !== undefined)
  log.info('the lab is opened', { lab: name, file: loaded.file })
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
    power: loggedPower(openPower(loaded, { runOn, ...(ask && { ask }) }), name, () => record !== undefined),
    stack: driverOf(loaded.testbed),
    async close() {
      commands.end()
      // that they are closed now is no news of the hosts
      disposeConnections()
      await hosts.close()
      log.info('the lab is closed', { lab: name })
    },
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
