// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The view of a pool: who is in it, and what they send.

import { makeUri, say, showLaunch } from './common.js';
import { Pool } from './pool.js';
import { openSource } from './sources.js';

/* What is said about a peer, in a line */
function toText(description) {
  if (description === undefined || description === null) {
    return '';
  }

  return typeof description.name === 'string' ? description.name
    : JSON.stringify(description);
}

export class MeetView {
  constructor(view) {
    this.view = view;
    this.form = view.querySelector('form');
    this.button = this.form.querySelector('button.main');
    this.tiles = view.querySelector('.cards');
    this.mutes = [...view.querySelectorAll('[data-mute]')];
    this.form.onsubmit = (event) => {
      event.preventDefault();
      if (this.pool) {
        this.stop();
      } else {
        this.start();
      }
    };
    this.form.pool.oninput = () => this.showLine();
    for (const button of this.mutes) {
      button.onclick = () => this.toggle(button);
    }
  }

  open(name) {
    if (name) {
      this.form.pool.value = name;
    }
    this.showLine();
    this.setRunning(false);
  }

  leave() {
    this.stop();
  }

  showLine() {
    const uri = makeUri('').replace('/webrtc/', '/ssp');

    showLaunch(this.view, `gst-launch-1.0 wsctlpool name=p uri=${uri} pool=${
      this.form.pool.value || 'NAME'} `
      + 'videotestsrc is-live=true ! p.video '
      + 'p. ! queue ! videoconvert ! autovideosink');
  }

  async start() {
    const source = this.form.source.value;

    say(null);
    this.button.disabled = true;
    try {
      this.stream = source === 'none' ? null : await openSource(source);
    } catch (error) {
      say(error.message);
      return;
    } finally {
      this.button.disabled = false;
    }

    this.setRunning(true);
    this.pool = new Pool(this.form.pool.value, this.stream, {
      joined: () => this.showSelf(),
      peer: (peer) => this.addTile(peer.id, toText(peer.description)),
      media: (peer) => this.play(peer.id, peer.stream),
      state: (peer) => {
        const tile = this.find(peer.id);

        if (tile) {
          tile.dataset.state = peer.connection.connectionState;
        }
      },
      described: (peer) => this.name(peer.id, toText(peer.description)),
      left: (peer) => this.find(peer.id)?.remove(),
      warning: (words) => say(words, { passing: true }),
      closed: (words) => this.stop(words),
    });
  }

  showSelf() {
    this.addTile('self', 'This page');
    if (this.stream) {
      this.play('self', this.stream, true);
    }
  }

  find(id) {
    return [...this.tiles.children].find((tile) => tile.dataset.id === id);
  }

  addTile(id, text) {
    const tile = document.createElement('div');
    const words = document.createElement('p');

    tile.className = 'card';
    tile.dataset.id = id;
    words.append(document.createElement('span'),
      Object.assign(document.createElement('small'),
        { textContent: id === 'self' ? '' : id }));
    tile.append(Object.assign(document.createElement('video'),
      { autoplay: true, playsInline: true }), words);
    this.tiles.append(tile);
    this.name(id, text);
  }

  name(id, text) {
    const tile = this.find(id);

    if (tile) {
      tile.querySelector('span').textContent = text || 'A peer';
    }
  }

  /* A page that nobody has touched may not make a sound: then in silence. */
  async play(id, stream, isMuted = false) {
    const video = this.find(id)?.querySelector('video');

    if (!video) {
      return;
    }
    video.muted = isMuted;
    video.srcObject = stream;
    try {
      await video.play();
    } catch {
      video.muted = true;
      video.play().catch(() => {});
    }
  }

  toggle(button) {
    const { mute: kind } = button.dataset;
    const isMuted = button.getAttribute('aria-pressed') !== 'true';

    button.setAttribute('aria-pressed', String(isMuted));
    for (const track of this.stream?.getTracks() ?? []) {
      if (track.kind === kind) {
        track.enabled = !isMuted;
      }
    }
  }

  stop(words) {
    const { pool, stream } = this;

    this.pool = null;
    this.stream = null;
    pool?.close();
    stream?.getTracks().forEach((track) => track.stop());
    this.tiles.replaceChildren();
    this.setRunning(false);
    if (words) {
      say(words);
    }
  }

  setRunning(isRunning) {
    this.button.textContent = isRunning ? 'Leave' : 'Join';
    this.form.pool.disabled = isRunning;
    this.form.source.disabled = isRunning;
    for (const button of this.mutes) {
      button.disabled = !isRunning || !this.stream;
      button.setAttribute('aria-pressed', 'false');
    }
  }
}
