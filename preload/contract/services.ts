import { control } from './control.ts'
import { lab } from './lab.ts'
import type { Client, Service } from './method.ts'
import { runs } from './runs.ts'
import { system } from './system.ts'
import { terminals } from './terminals.ts'
import { testbeds } from './testbeds.ts'

/** The whole contract: every service with every method. What is not in here cannot be called. */
export const services = { system, testbeds, lab, control, runs, terminals } as const
export type ServiceName = keyof typeof services

export type Services = { readonly [Name in ServiceName]: Service<(typeof services)[Name]> }
export type Clients = { readonly [Name in ServiceName]: Client<(typeof services)[Name]> }
