// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The view of all streams, each with a picture of late.

import { PUBLISH_LINE, makeUri, say, showLaunch } from './common.js';
import { Session, makeAddress } from './session.js';

const LIST_INTERVAL_MS = 2000;
const THUMBNAIL_INTERVAL_MS = 10000;
const THUMBNAIL_TIMEOUT_MS = 3000;

export class ListView {
  constructor(view) {
    this.view = view;
    this.cards = view.querySelector('#cards');
    this.empty = view.querySelector('#empty');
  }

  open() {
    this.isOpen = true;
    showLaunch(this.view, PUBLISH_LINE + makeUri('live'));
    this.refresh();
    this.paintThumbnails();
  }

  leave() {
    this.isOpen = false;
    clearTimeout(this.timer);
    clearTimeout(this.paintTimer);
    this.session?.close();
  }

  async refresh() {
    try {
      const reply = await fetch(makeAddress('/streams', location.protocol));
      const { streams, may_play: mayPlay = true } = await reply.json();

      if (this.isOpen) {
        this.show(streams);
        this.empty.hidden ||= !mayPlay;
        if (!mayPlay) {
          say('The server tells its streams to those with a token only '
            + '(?id=TOKEN in the address of this page).');
        } else if (this.isSaying) {
          say(null);
        }
        this.isSaying = !mayPlay;
      }
    } catch {
      this.isSaying = true;
      say('The server cannot be reached at the moment.');
    }
    if (this.isOpen) {
      this.timer = setTimeout(() => this.refresh(), LIST_INTERVAL_MS);
    }
  }

  show(streams) {
    const names = streams.map(({ name }) => name);
    const isNew = names.some((name) => !this.findCard(name));

    for (const card of [...this.cards.children]) {
      if (!names.includes(card.dataset.name)) {
        card.remove();
      }
    }
    for (const { name, tracks } of streams) {
      const card = this.findCard(name) ?? this.addCard(name);

      card.querySelector('small').textContent = tracks.join(', ');
    }
    this.empty.hidden = names.length > 0;
    if (isNew && !this.session) {
      this.paintThumbnails();
    }
  }

  findCard(name) {
    return [...this.cards.children].find((card) => card.dataset.name === name);
  }

  addCard(name) {
    const card = document.createElement('a');
    const text = document.createElement('p');

    card.className = 'card';
    card.href = `#watch/${encodeURIComponent(name)}`;
    card.dataset.name = name;
    text.append(name, document.createElement('small'));
    card.append(Object.assign(document.createElement('canvas'),
      { width: 320, height: 180 }), text);
    this.cards.append(card);

    return card;
  }

  /* One after another, so that many streams cost no more than one. */
  async paintThumbnails() {
    clearTimeout(this.paintTimer);
    for (const card of [...this.cards.children]) {
      if (this.isOpen && card.isConnected && !document.hidden) {
        await this.paintThumbnail(card);
      }
    }
    if (this.isOpen) {
      clearTimeout(this.paintTimer);
      this.paintTimer = setTimeout(() => this.paintThumbnails(),
        THUMBNAIL_INTERVAL_MS);
    }
  }

  /* A session for one picture: a player begins with the last key frame. */
  async paintThumbnail(card) {
    const video = Object.assign(document.createElement('video'),
      { muted: true, playsInline: true });

    await new Promise((resolve) => {
      const timer = setTimeout(resolve, THUMBNAIL_TIMEOUT_MS);

      this.session = new Session(card.dataset.name, {
        media: (stream) => {
          video.srcObject = stream;
          video.play().catch(() => {});
        },
        closed: resolve,
      });
      video.requestVideoFrameCallback(() => {
        clearTimeout(timer);
        this.drawThumbnail(card.querySelector('canvas'), video);
        resolve();
      });
      this.session.play(['video']);
    });
    this.session.close();
    this.session = null;
    video.srcObject = null;
  }

  /* As large as fits */
  drawThumbnail(canvas, video) {
    const scale = Math.min(canvas.width / video.videoWidth,
      canvas.height / video.videoHeight);
    const width = video.videoWidth * scale;
    const height = video.videoHeight * scale;

    canvas.getContext('2d').drawImage(video, (canvas.width - width) / 2,
      (canvas.height - height) / 2, width, height);
  }
}
