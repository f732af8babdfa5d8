// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A look at a browser's ClientHello on its way to the server.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER = 13;

/* The length of a ClientHello and of the part of it that is in @packet */
function readHello(packet) {
  if (packet.length < RECORD_HEADER + 12 || packet[0] !== HANDSHAKE
    || packet[RECORD_HEADER] !== CLIENT_HELLO) {
    return null;
  }

  return {
    length: packet.readUIntBE(RECORD_HEADER + 1, 3),
    part: packet.readUIntBE(RECORD_HEADER + 9, 3),
  };
}

/* Passes packets between one client and the server's port, which is to be set,
 * and keeps what it saw of ClientHellos. */
export async function startWatcher() {
  const near = createSocket('udp4');
  const far = createSocket('udp4');
  const watcher = { hellos: [], port: 0 };
  let client;

  near.on('message', (packet, from) => {
    const hello = readHello(packet);

    client = from;
    if (hello) {
      watcher.hellos.push(hello);
    }
    far.send(packet, watcher.port, '127.0.0.1');
  });
  far.on('message', (packet) => {
    near.send(packet, client.port, client.address);
  });
  near.bind(0, '127.0.0.1');
  far.bind(0, '127.0.0.1');
  await Promise.all([once(near, 'listening'), once(far, 'listening')]);
  watcher.address = `127.0.0.1:${near.address().port}`;
  watcher.stop = () => {
    near.close();
    far.close();
  };

  return watcher;
}
