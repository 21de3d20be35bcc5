// Ties its own input and output to a unix socket: QEMU starts it for each connection that a machine makes to the lab's PDU.
import { connect } from 'node:net'

const socket = connect(process.argv[2] ?? '')
socket.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
process.stdin.pipe(socket)
socket.pipe(process.stdout)
socket.on('end', () => process.exit(0))
