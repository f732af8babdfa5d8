// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One session with a server: one WebSocket and one peer connection
// (docs/protocol.md). Tells its owner by callbacks; each ends once.

const CONNECT_TIMEOUT_MS = 10000;

/* What a person can make of the server's words */
const WORDS = [
  [/Stream open failed/, 'Nobody publishes this stream at the moment.'],
  [/Stream is offline/, 'Nobody publishes this stream at the moment.'],
];

function explain(message) {
  const known = WORDS.find(([pattern]) => pattern.test(message));

  return known ? known[1] : `The server says: ${message}`;
}

/* The address of @path on this page's server, with the page's own token */
export function makeAddress(path, protocol) {
  const address = new URL(path, location.href);
  const token = new URLSearchParams(location.search).get('id');

  address.protocol = protocol
    ?? (location.protocol === 'https:' ? 'wss:' : 'ws:');
  if (token) {
    address.searchParams.set('id', token);
  }

  return address.href;
}

export class Session {
  /* Callbacks: media (stream), connected (), time (infos), bitrate (bps,
   * constraint), warning (words), closed (words, or null for a normal end;
   * true when there is no use in trying again) */
  constructor(name, callbacks) {
    this.callbacks = callbacks;
    this.stream = new MediaStream();
    this.socket = new WebSocket(
      makeAddress(`/webrtc/${encodeURIComponent(name)}`));
    this.socket.onmessage = (event) => this.takeText(event.data);
    this.socket.onclose = () => this.close(this.answered
      ? 'The connection to the server was lost.'
      : 'The server cannot be reached.');
    this.opened = new Promise((resolve) => { this.socket.onopen = resolve; });
    this.connection = new RTCPeerConnection();
    this.connection.ontrack = ({ track }) => {
      this.stream.addTrack(track);
      this.tell('media', this.stream);
    };
    this.connection.onconnectionstatechange = () => this.followState();
    this.timer = setTimeout(() => this.close(
      'The server answers, but no media came through: is its UDP port open?'),
    CONNECT_TIMEOUT_MS);
  }

  tell(what, ...args) {
    this.callbacks[what]?.(...args);
  }

  play(kinds = ['audio', 'video']) {
    for (const kind of kinds) {
      this.connection.addTransceiver(kind, { direction: 'recvonly' });
    }
    return this.offer();
  }

  publish(stream) {
    for (const track of stream.getTracks()) {
      this.connection.addTransceiver(track,
        { direction: 'sendonly', streams: [stream] });
    }
    return this.offer();
  }

  async offer() {
    try {
      const offer = await this.connection.createOffer();

      await this.connection.setLocalDescription(offer);
      await this.opened;
      this.send({ type: 'offer_sdp', offer_sdp: offer.sdp });
    } catch (error) {
      this.close(`This browser cannot offer media: ${error.message}`);
    }
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify(message));
    }
  }

  followState() {
    switch (this.connection.connectionState) {
      case 'connected':
        clearTimeout(this.timer);
        this.tell('connected');
        break;
      case 'failed':
        this.close('The way for media to the server is broken.');
        break;
      default:
        break;
    }
  }

  takeText(text) {
    let message;

    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    switch (message?.type) {
      case 'on_answer_sdp':
        this.takeAnswer(message);
        break;
      case 'on_time':
        this.tell('time', message.data ?? message);
        break;
      case 'on_video_bitrate':
        this.tell('bitrate', message.video_bitrate,
          message.video_bitrate_constraint);
        break;
      case 'on_stop':
        this.close(null);
        break;
      case 'on_error':
        this.takeError(message);
        break;
      case 'seek':
        if (message.error) {
          this.tell('warning', explain(message.error));
        }
        break;
      default:
        break;
    }
  }

  takeError({ message }) {
    if (this.answered) {
      this.tell('warning', explain(message ?? 'something went wrong'));
    } else {
      this.close(explain(message ?? 'something went wrong'));
    }
  }

  async takeAnswer({ result, answer_sdp: sdp }) {
    if (!result) {
      this.close('The server does not allow this: the name may be taken, '
        + 'or a token is needed (?id=TOKEN in the address of this page).',
      true);
      return;
    }
    this.answered = true;
    try {
      await this.connection.setRemoteDescription({ type: 'answer', sdp });
    } catch (error) {
      this.close(`The server's answer is of no use: ${error.message}`);
    }
  }

  close(words = null, isRefused = false) {
    if (this.over) {
      return;
    }
    this.over = true;
    clearTimeout(this.timer);
    this.send({ type: 'stop' });
    this.socket.close();
    this.connection.close();
    this.tell('closed', words, isRefused);
  }
}
