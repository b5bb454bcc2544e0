// A Bluesky PDS and its PLC directory in one process, on loopback, with everything in a folder that is thrown away.
// Prints one line `READY {"url": …}`; ends on SIGTERM, or when standard input closes because the test run is gone.
import crypto from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { Secp256k1Keypair } from '@atproto/crypto'
import { PDS, envToCfg, envToSecrets } from '@atproto/pds'
import plcServer from '@did-plc/server'

// Both servers listen on every interface and offer no setting for it.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number' && typeof rest[0] !== 'string'
    ? listen.call(this, port, '127.0.0.1', ...rest)
    : listen.call(this, port, ...rest)
}

// The PDS writes its port into its own address, so it must be known before it listens.
async function freePort() {
  const probe = net.createServer()
  await new Promise((resolve) => probe.listen(0, resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tabuh-pds-'))
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))

const plcPort = await freePort()
const plc = plcServer.PlcServer.create({ db: plcServer.Database.mock(), port: plcPort })
await plc.start()

const rotationKey = await Secp256k1Keypair.create({ exportable: true })
const port = await freePort()
const env = {
  adminPassword: crypto.randomBytes(16).toString('hex'),
  blobstoreDiskLocation: path.join(folder, 'blobs'),
  bskyAppViewDid: 'did:example:invalid',
  bskyAppViewUrl: 'https://appview.invalid',
  dataDirectory: folder,
  devMode: true,
  didPlcUrl: `http://localhost:${plcPort}`,
  disableSsrfProtection: true,
  hostname: 'localhost',
  inviteRequired: false,
  jwtSecret: crypto.randomBytes(16).toString('hex'),
  modServiceDid: 'did:example:invalid',
  modServiceUrl: 'https://mod.invalid',
  plcRotationKeyK256PrivateKeyHex: Buffer.from(await rotationKey.export()).toString('hex'),
  port,
  rateLimitsEnabled: false,
  recoveryDidKey: (await Secp256k1Keypair.create()).did(),
  serviceHandleDomains: ['.test'],
}
const pds = await PDS.create(envToCfg(env), envToSecrets(env))
await pds.start()

let stopping = false
async function stop() {
  if (stopping) return
  stopping = true
  await pds.destroy()
  await plc.destroy()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.stdin.on('end', stop).resume()

console.log('READY ' + JSON.stringify({ url: `http://127.0.0.1:${port}` }))
