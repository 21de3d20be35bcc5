import { ContractError } from '../../preload/contract/contract-error.ts'
import { CommandFailed } from '../hosts/command-failed.ts'
import { HostError } from '../transport/host-error.ts'
import { UserError } from '../load-testbed.ts'
import { LabInUse } from '../locks/lab-in-use.ts'
import { PowerError } from '../power/power-error.ts'
import { RecordingFailed } from '../recorder/recording-failed.ts'

/** Any error as one that may cross the boundary. What is not known by its kind is a mistake of the program, and says so. */
export function asContractError(error: unknown): ContractError {
  if (error instanceof ContractError) return error
  if (error instanceof LabInUse) return new ContractError('busy', error.message, undefined, error)
  if (error instanceof UserError) return new ContractError('user', error.message, undefined, error)
  if (error instanceof HostError) {
    const code = error.code === 'aborted' ? 'stopped' : 'host'
    return new ContractError(code, error.message, { host: error.host, reason: error.code }, error)
  }
  if (error instanceof CommandFailed)
    return new ContractError('host', error.message, { host: error.host, reason: 'command' }, error)
  if (error instanceof PowerError)
    return new ContractError('power', error.message, { unit: error.unit, reason: error.code }, error)
  if (error instanceof RecordingFailed) return new ContractError('recording', error.message, undefined, error)
  if (!(error instanceof Error)) return new ContractError('internal', String(error), undefined, error)
  if (error.name === 'AbortError') return new ContractError('stopped', 'it was stopped', undefined, error)
  if (error.name === 'TimeoutError')
    return new ContractError('lab', `it ran out of time: ${error.message}`, undefined, error)
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return new ContractError('not-found', error.message, undefined, error)
  if (code === 'EACCES' || code === 'EPERM' || code === 'ENOSPC' || code === 'EROFS')
    return new ContractError('user', error.message, { reason: code }, error)
  // the engine throws plain errors with a sentence for people; a broken program throws the language's own
  const own =
    error instanceof TypeError ||
    error instanceof ReferenceError ||
    error instanceof RangeError ||
    error instanceof SyntaxError
  return new ContractError(own ? 'internal' : 'lab', error.message, undefined, error)
}
