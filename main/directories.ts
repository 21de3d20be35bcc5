/** Where fencelab keeps things, by the XDG base directory specification. */
import { homedir } from 'node:os'
import { join } from 'node:path'

function base(variable: string, fallback: string): string {
  const value = process.env[variable]
  return join(value && value.startsWith('/') ? value : join(homedir(), fallback), 'fencelab')
}

/** Built images: can be thrown away at any time. */
export const cacheDirectory = () => base('XDG_CACHE_HOME', '.cache')
/** State of labs and of unfinished runs. */
export const stateDirectory = () => base('XDG_STATE_HOME', '.local/state')
/** Recordings, unless --out says otherwise. */
export const runsDirectory = () => join(base('XDG_DATA_HOME', '.local/share'), 'runs')
/** Recordings of terminals. */
export const terminalRecordings = () => join(base('XDG_DATA_HOME', '.local/share'), 'terminals')
/** The directory of one lab: `${lab}` in its testbed file. */
export const labDirectory = (testbed: string) => join(stateDirectory(), 'labs', testbed)
/** What a person wrote for fencelab: testbed files. */
export const configDirectory = () => base('XDG_CONFIG_HOME', '.config')
