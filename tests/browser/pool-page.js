// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the tests ask of a page with rtcpool in it, which is used from its npm
// package as it is.

import rtcpool from '/commonjs/rtcpool';

const { Pool, media, signalling } = rtcpool;
const video = document.querySelector('video');

/* What happened, in order: { name, ... } */
const events = [];

let pool = null;
let stream = null;
let managed = null;
let frames = 0;
/* Those that this page opened, by label */
const channels = new Map();

function countFrames() {
  video.requestVideoFrameCallback(() => {
    frames++;
    countFrames();
  });
}

function watchStates(connection) {
  connection.addEventListener('iceconnectionstatechange', () => events.push(
    { name: 'ice', state: connection.iceConnectionState }));
  connection.addEventListener('connectionstatechange', () => events.push(
    { name: 'connection', state: connection.connectionState }));
}

function echo({ channel }) {
  channel.addEventListener('message',
    ({ data }) => channel.send(typeof data === 'string' ? `${data}!` : data));
  channel.addEventListener('close',
    () => events.push({ name: 'channel closed', label: channel.label }));
  events.push({ name: 'datachannel', label: channel.label });
}

function record(name, toData) {
  pool.events.addEventListener(name,
    (event) => events.push({ name, ...toData?.(event) }));
}

window.join = async (uri, name) => {
  stream = await navigator.mediaDevices.getUserMedia(
    { video: { width: 320, height: 240 }, audio: true });
  pool = new Pool({}, new signalling.websocket(new WebSocket(`${uri}/ssp`)));
  record('join');
  record('stop');
  record('peer', ({ detail }) => ({ id: detail.connection.id }));
  record('close', ({ detail }) => ({ id: detail?.id ?? null }));
  record('describe', ({ detail }) => ({ id: detail.connection.id,
    description: detail.description }));
  record('track', ({ track }) => ({ kind: track.kind }));
  pool.events.addEventListener('peer',
    () => watchStates(pool._raw_connections.at(-1)));
  pool.events.addEventListener('track', (event) => {
    if (event.track.kind === 'video') {
      video.srcObject = new MediaStream([event.track]);
    }
  });
  pool.events.addEventListener('datachannel', echo);
  managed = new media.ManagedStream(stream, pool);
  countFrames();
  pool.join(name);
};

window.mute = (kind) => managed.mute(kind);
window.unmute = (kind) => managed.unmute(kind);
window.leave = () => pool.close();

/* A data channel to the first peer; ends when it is open. */
window.openChannel = async (label, options) => {
  const channel = await pool.connections[0].dataChannel(label, options);

  channels.set(label, channel);
  channel.binaryType = 'arraybuffer';
  channel.addEventListener('close',
    () => events.push({ name: 'channel closed', label }));
};

/* Sends and gives what is said next; a list of numbers goes as bytes. */
window.ask = (label, question) => new Promise((resolve) => {
  const channel = channels.get(label);

  channel.addEventListener('message', ({ data }) => resolve(
    typeof data === 'string' ? data : [...new Uint8Array(data)]),
  { once: true });
  channel.send(typeof question === 'string' ? question
    : new Uint8Array(question));
});

window.closeChannel = (label) => channels.get(label).close();

async function countSounds() {
  let n = 0;

  for (const connection of pool?._raw_connections ?? []) {
    for (const one of (await connection.getStats()).values()) {
      if (one.type === 'inbound-rtp' && one.kind === 'audio') {
        n += one.packetsReceived;
      }
    }
  }
  return n;
}

window.getState = async () => ({
  events,
  frames,
  sounds: await countSounds(),
  id: pool?.id ?? null,
  nConnections: pool?.nconnections ?? 0,
  states: (pool?._raw_connections ?? []).map((one) => one.connectionState),
  descriptions: (pool?.connections ?? []).map((one) => one.description),
  sections: (pool?._raw_connections ?? []).map((one) =>
    (one.remoteDescription?.sdp ?? '').split('\r\n')
      .filter((line) => line.startsWith('m='))),
});

window.ready = true;
