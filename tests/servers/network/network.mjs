// A whole Bluesky network on loopback: PDS, PLC directory and AppView, so that likes, reposts and replies are counted.
// Prints one line `READY {"url": …}`; ends on SIGTERM, or when standard input closes because the test run is gone.
import net from 'node:net'

// The servers listen on every interface and offer no setting for it.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number' && typeof rest[0] !== 'string'
    ? listen.call(this, port, '127.0.0.1', ...rest)
    : listen.call(this, port, ...rest)
}

const { TestNetwork } = await import('@atproto/dev-env')

const network = await TestNetwork.create({
  dbPostgresSchema: 'tabuh',
  pds: { hostname: 'localhost', enableDidDocWithSession: true },
})

let stopping = false
async function stop() {
  if (stopping) return
  stopping = true
  // What is left over lies in folders and databases that are thrown away.
  await Promise.race([network.close().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 3000))])
  process.exit(0)
}
process.on('SIGTERM', stop)
process.stdin.on('end', stop).resume()

console.log('READY ' + JSON.stringify({ url: network.pds.url.replace('localhost', '127.0.0.1') }))
