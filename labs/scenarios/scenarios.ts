import { bothPrivateNetworksFail } from './both-private-networks-fail.ts'
import { nodeHangs } from './node-hangs.ts'
import { onePrivateNetworkFails } from './one-private-network-fails.ts'
import type { Scenario } from './scenario.ts'

/** The documented rows, in the order in which the table prints them. */
export const scenarios: readonly Scenario[] = [bothPrivateNetworksFail, onePrivateNetworkFails, nodeHangs]

export const scenarioNamed = (name: string) => scenarios.find((scenario) => scenario.name === name)
