// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A pool: one WebSocket, and one connection to each peer, negotiated as the W3C
// has it in "perfect negotiation" (docs/protocol.md, "Pool signalling"). Tells
// its owner by callbacks.

import { makeAddress } from './session.js';

/* Who came later knows of the other first, and offers first, as a rule. When two
 * offers meet, it now and then happens to Chromium that it gathers no candidates
 * for the answer: so it had better be a rule, and what is not connected by then
 * is tried again. */
const GRACE_MS = 200;
const PATIENCE_MS = 8000;

class Peer {
  constructor(pool, id, isPolite, description) {
    Object.assign(this, { pool, id, isPolite, description });
    this.stream = new MediaStream();
    this.connection = new RTCPeerConnection();
    this.connection.ontrack = ({ track }) => {
      this.stream.addTrack(track);
      pool.tell('media', this);
    };
    this.connection.onicecandidate = ({ candidate }) =>
      pool.send('rtc:candidate', { for: id, candidate });
    this.connection.onnegotiationneeded = () => this.offer();
    this.connection.onconnectionstatechange = () => {
      if (this.connection.connectionState === 'failed') {
        this.connection.restartIce();
      }
      pool.tell('state', this);
    };
    this.timer = setInterval(() => this.look(), PATIENCE_MS);
    for (const track of pool.stream?.getTracks() ?? []) {
      this.connection.addTrack(track, pool.stream);
    }
  }

  sendDescription() {
    this.pool.send('rtc:sdp',
      { to: this.id, description: this.connection.localDescription });
  }

  /* Both have said something, and still there is no way. */
  look() {
    const { connectionState, remoteDescription, signalingState }
      = this.connection;

    if (!this.isPolite && connectionState !== 'connected' && remoteDescription
      && signalingState === 'stable') {
      this.connection.restartIce();
    }
  }

  async offer() {
    if (!this.isPolite && !this.isHeard) {
      await new Promise((resolve) => { setTimeout(resolve, GRACE_MS); });
      /* There is a place for ours in the answer; for what has none, the browser
       * asks again. */
      if (this.isHeard) {
        return;
      }
    }
    this.isOffering = true;
    try {
      await this.connection.setLocalDescription();
      this.sendDescription();
    } catch (error) {
      this.fail(error);
    } finally {
      this.isOffering = false;
    }
  }

  async takeDescription(description) {
    this.isHeard = true;
    const meets = description.type === 'offer' && (this.isOffering
      || this.connection.signalingState !== 'stable');

    this.isIgnoring = meets && !this.isPolite;
    if (this.isIgnoring) {
      return;
    }
    try {
      await this.connection.setRemoteDescription(description);
      if (description.type === 'offer') {
        await this.connection.setLocalDescription();
        this.sendDescription();
      }
    } catch (error) {
      this.fail(error);
    }
  }

  /* One of an offer that was ignored is of no use. */
  async takeCandidate(candidate) {
    try {
      await this.connection.addIceCandidate(candidate);
    } catch (error) {
      if (!this.isIgnoring) {
        this.fail(error);
      }
    }
  }

  fail(error) {
    if (this.connection.signalingState !== 'closed') {
      this.pool.tell('warning', `Something is wrong between this page and ${
        this.id}: ${error.message}`);
    }
  }

  close() {
    clearInterval(this.timer);
    this.connection.close();
  }
}

export class Pool {
  /* @stream: what to send, or null. Callbacks: joined (), peer (peer),
   * media (peer), state (peer), described (peer), left (peer),
   * warning (words), closed (words, or null for a normal end) */
  constructor(name, stream, callbacks) {
    this.stream = stream;
    this.callbacks = callbacks;
    this.peers = new Map();
    this.socket = new WebSocket(makeAddress('/ssp'));
    this.socket.onopen = () => this.send('rtc:join', { pool: name });
    this.socket.onmessage = ({ data }) => this.takeText(data);
    this.socket.onclose = () => this.close(this.isJoined
      ? 'The connection to the server was lost.'
      : 'The server cannot be reached, or does not allow this: a token may be '
        + 'needed (?id=TOKEN in the address of this page).');
  }

  tell(what, ...args) {
    this.callbacks[what]?.(...args);
  }

  send(type, data) {
    if (this.socket.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ type, data }));
    }
  }

  takeText(text) {
    let message;

    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    const { type, data = {} } = message ?? {};
    const peer = this.peers.get(data.id ?? data.peer ?? data.from);

    switch (type) {
      case 'rtc:joined':
        this.isJoined = true;
        this.tell('joined');
        for (const id of data.peers ?? []) {
          this.add(id, true, data.descriptions?.[id]);
        }
        break;
      case 'rtc:peer':
        this.add(data.id, false);
        break;
      case 'rtc:sdp':
        peer?.takeDescription(data.description);
        break;
      case 'rtc:candidate':
        peer?.takeCandidate(data.candidate);
        break;
      case 'rtc:describe':
        if (peer) {
          peer.description = data.description;
          this.tell('described', peer);
        }
        break;
      case 'rtc:close':
        this.remove(peer);
        break;
      case 'rtc:stop':
        this.close('The pool was closed.');
        break;
      case 'rtc:error':
        this.takeError(data);
        break;
      default:
        break;
    }
  }

  takeError({ message, reason }) {
    const words = `The server says: ${message}${reason ? `: ${reason}` : ''}`;

    if (this.isJoined) {
      this.tell('warning', words);
    } else {
      this.close(words);
    }
  }

  /* Who came later is the polite one. */
  add(id, isPolite, description) {
    if (this.peers.has(id)) {
      return;
    }
    const peer = new Peer(this, id, isPolite, description);

    this.peers.set(id, peer);
    this.tell('peer', peer);
  }

  remove(peer) {
    if (peer) {
      this.peers.delete(peer.id);
      peer.close();
      this.tell('left', peer);
    }
  }

  close(words = null) {
    if (this.over) {
      return;
    }
    this.over = true;
    for (const peer of [...this.peers.values()]) {
      this.remove(peer);
    }
    this.socket.close();
    this.tell('closed', words);
  }
}
