/** The command line's entry in a build, where nothing is left to be stripped of types. */
import { main } from './main.ts'

await main(process.argv.slice(2))
