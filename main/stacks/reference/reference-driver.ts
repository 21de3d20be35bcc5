import { agentPlace } from '../../../labs/stacks/reference/agent-config.ts'
import { referenceStack } from '../../../labs/stacks/reference/reference-stack.ts'
import { nodesOf } from '../../../labs/testbed/parts.ts'
import { bundleAgent } from '../../agent/bundle.ts'
import type { StackDriver } from '../stack-driver.ts'
import { askStatus, startAgent, startLedger, stopLedger, tellAgent } from './control-agent.ts'
import { installAgent, installProgram } from './install-agent.ts'
import { isInstalled } from './is-installed.ts'
import { scanLedger, scanLedgerByAgent } from './read-ledger.ts'

/** The reference cluster: an agent on each node, which it is told and asked through files. */
export const referenceDriver: StackDriver = {
  pure: referenceStack,
  identity: async () => (await bundleAgent()).sha256,
  install: installAgent,
  installProgram,
  isInstalled,
  start: startAgent,
  status: askStatus,
  tell: tellAgent,
  startLedger,
  stopLedger,
  // on a node the agent reads it, and no process has to be started there
  readLedger: (hosts, host, question, signal) =>
    (nodesOf(hosts.testbed).some(({ name }) => name === host) ? scanLedgerByAgent : scanLedger)(
      hosts,
      host,
      question,
      signal,
    ),
  logFile: agentPlace.log,
}
