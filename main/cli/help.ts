import { version } from '../version.ts'

export const help = `fencelab ${version}: validates I/O fencing on real storage. Injects scripted faults, records the key tables and what
became of every node, and judges the outcome against the documented table, from the recording alone.

Usage: fencelab COMMAND [ARGUMENTS]

  up     [TESTBED]                    start the machines of a virtual lab and bring it to all green; they stay
  down   [TESTBED]                    end them
  status [TESTBED]                    what runs, and what an earlier run left behind
  reset  [TESTBED]                    back to all green

  table  [--json]                     the documented rows, their sources, what is expected
  check  [TESTBED] [--json]           reach every host, find every LUN and link, say what is missing; changes nothing
  keys   [TESTBED] [--watch] [--json] the key table of every LUN, as every host sees it; only reads
  run    TESTBED ROW... [--repeat N] [--out DIR] [--json]
  run    TESTBED --all [--repeat N] [--out DIR] [--json]
                                      run rows of the table, or all of them; record and judge each
  judge  RUN_DIR [--json]             judge a recorded run again, without any host
  verify RUN_DIR                      is the recording whole and unaltered
  report DIR --html FILE | --junit FILE | --markdown FILE
                                      write what a run, or every run in a folder, shows: for others to read
  fault  [TESTBED NAME TARGET] [--for 30s]
                                      inject one fault, hold it, take it back; without a name: which there are
  undo                                take back what a run that was killed left injected
  serve  [TESTBED] [--port N]         the window in a browser, on this computer alone; prints the address

Every command takes --verbose: what goes to the log is shown on standard error, too.

TESTBED  a file, or the name of one that is included: virtual (machines on this computer; taken where none is named),
         virtual-four (the same with four nodes), rack-example (to be copied and changed)
ROW      a name from "fencelab table"
RUN_DIR  the folder of a recorded run; "run" prints it. Without --out they are in ~/.local/share/fencelab/runs
TARGET   what the fault hits, in names of the testbed: nodea, nodea/priv1; "fencelab fault" lists the forms
N        of --repeat: so many times; more than once, the distribution of winners and times is printed, too

Exit status of run and judge: 0 nothing failed and nothing is inconclusive; 1 a row failed; 2 none failed, but a row is
inconclusive; 3 it could not be run, or was stopped, and why is said. A row that the testbed cannot do is "not
applicable", with the reason, and counts neither way; where no row is applicable, that is 3. check: 0, or 3 where
something is missing. verify: 0, or 1 where the recording is not whole, or holds another verdict than judging it gives.
fault: 0, or 1 where it did not take or is not gone. Any command: 3 where it could not do
its work; with --json, standard output then holds {"error": {"kind", "message", "command", "exit"}}.

What is done outside of runs is in the log, without secrets: ~/.local/state/fencelab/log/fencelab.log (XDG_STATE_HOME). An
error of which it tells more names it ("log: FILE", with --json the field "log").

A lab has one program that changes it: a second run, fault, reset, undo, up or down is refused with who has it (status
says so, too). Looking is free.

Ctrl-C takes back what is injected, then stops; a second one stops at once (the hosts then revert by themselves within a
minute).

Examples:
  fencelab run virtual both-private-networks-fail
  fencelab run virtual --all
  fencelab check my-rack.yaml
  fencelab judge ~/.local/share/fencelab/runs/20261122T101500Z-node-hangs-1f2e
  fencelab report ~/.local/share/fencelab/runs --html report.html
`
